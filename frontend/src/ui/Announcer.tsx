// An ARIA live region: announces the latest sentence, at most one every five seconds.
import { useEffect, useRef, useState } from "react";

const PAUSE = 5_000;

interface AnnouncerProps {
  children: string;
  /** called after an announcement; must be stable, since a new function repeats the announcement */
  onAnnounced?: () => void;
}

export function Announcer({ children, onAnnounced }: AnnouncerProps) {
  const [spoken, setSpoken] = useState("");
  const last = useRef(0);
  useEffect(() => {
    if (!children) return;
    const wait = Math.max(0, last.current + PAUSE - Date.now());
    const timer = setTimeout(() => {
      last.current = Date.now();
      setSpoken(children);
      onAnnounced?.();
    }, wait);
    return () => clearTimeout(timer);
  }, [children, onAnnounced]);
  return (
    <div className="sr" aria-live="polite">
      {spoken}
    </div>
  );
}
