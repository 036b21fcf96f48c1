// A debounced value; the first one passes at once. For requests that follow typing or pointing.
import { useEffect, useState } from "react";

export function useDebounced<T>(value: T, delay: number): T {
  const [settled, setSettled] = useState(value);
  const serialized = JSON.stringify(value);
  useEffect(() => {
    const next = JSON.parse(serialized) as T;
    if (JSON.stringify(settled) === serialized) return;
    if (settled === null) {
      setSettled(next);
      return;
    }
    const timer = setTimeout(() => setSettled(next), delay);
    return () => clearTimeout(timer);
  }, [serialized, settled, delay]);
  return settled;
}
