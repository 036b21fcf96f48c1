// A value once it has kept still for a while; the first one at once. For questions to the server that follow a person.
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
