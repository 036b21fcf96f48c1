// A value once it has kept still for a while; the first one at once. For questions to the server that follow a person.
import { useEffect, useState } from "react";

export function useSettled<T>(value: T, pause: number): T {
  const [settled, setSettled] = useState(value);
  const said = JSON.stringify(value);
  useEffect(() => {
    const next = JSON.parse(said) as T;
    if (JSON.stringify(settled) === said) return;
    if (settled === null) {
      setSettled(next);
      return;
    }
    const timer = setTimeout(() => setSettled(next), pause);
    return () => clearTimeout(timer);
  }, [said, settled, pause]);
  return settled;
}
