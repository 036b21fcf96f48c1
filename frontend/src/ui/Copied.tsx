// A command to take to a terminal, with a button that copies it.
import { useState } from "react";
import "./copied.css";

export function Copied({ title, text }: { title: string; text: string }) {
  const [said, setSaid] = useState("");
  const copy = () =>
    navigator.clipboard.writeText(text).then(
      () => setSaid("Copied"),
      () => setSaid("Select it and copy"),
    );
  return (
    <div className="copied">
      <header>
        <span className="sub">{title}</span>
        <button type="button" className="btn small quiet" onClick={copy}>
          Copy
        </button>
        <span className="sub" role="status">
          {said}
        </span>
      </header>
      <pre>{text}</pre>
    </div>
  );
}
