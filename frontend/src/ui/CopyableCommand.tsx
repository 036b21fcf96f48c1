// A terminal command with a button to copy it.

import { useState } from "react";
import styles from "./copyableCommand.module.css";

export function CopyableCommand({ title, text }: { title: string; text: string }) {
  const [outcome, setOutcome] = useState("");
  const copy = () =>
    navigator.clipboard.writeText(text).then(
      () => setOutcome("Copied"),
      () => setOutcome("Could not copy. Select the text and copy it."),
    );
  return (
    <div className={styles.copied}>
      <header>
        <span className="sub">{title}</span>
        <button type="button" className="btn small quiet" onClick={copy}>
          Copy
        </button>
        <span className="sub" role="status">
          {outcome}
        </span>
      </header>
      <pre>{text}</pre>
    </div>
  );
}
