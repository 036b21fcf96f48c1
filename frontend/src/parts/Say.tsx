// Reads news aloud, politely: the latest sentence, at most one every five seconds.
import { useEffect, useRef, useState } from "react";

const PAUSE = 5_000;

export function Say({ children }: { children: string }) {
  const [said, setSaid] = useState("");
  const last = useRef(0);
  useEffect(() => {
    if (!children) return;
    const wait = Math.max(0, last.current + PAUSE - Date.now());
    const timer = setTimeout(() => {
      last.current = Date.now();
      setSaid(children);
    }, wait);
    return () => clearTimeout(timer);
  }, [children]);
  return (
    <div className="sr" aria-live="polite">
      {said}
    </div>
  );
}
