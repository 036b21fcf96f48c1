// Reads news aloud, politely: the latest sentence, at most one every five seconds.
import { useEffect, useRef, useState } from "react";

const PAUSE = 5_000;

interface SayProps {
  children: string;
  /** it was said; stable, for another one says it again */
  onSaid?: () => void;
}

export function Say({ children, onSaid }: SayProps) {
  const [said, setSaid] = useState("");
  const last = useRef(0);
  useEffect(() => {
    if (!children) return;
    const wait = Math.max(0, last.current + PAUSE - Date.now());
    const timer = setTimeout(() => {
      last.current = Date.now();
      setSaid(children);
      onSaid?.();
    }, wait);
    return () => clearTimeout(timer);
  }, [children, onSaid]);
  return (
    <div className="sr" aria-live="polite">
      {said}
    </div>
  );
}
