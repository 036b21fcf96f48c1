// The button that chooses a row of a table.

import type { ReactNode } from "react";
import type { Target } from "../../dag/graph";
import dataTable from "../../ui/dataTable.module.css";

interface PickButtonProps {
  target: Target;
  on: boolean;
  pick: (target: Target | null) => void;
  onKey: (key: string, target?: Target) => boolean;
  children: ReactNode;
}

/** Selects a row. The drawing's letter keys work on it too, and a second Enter moves the focus to the actions. */
export function PickButton({ target, on, pick, onKey, children }: PickButtonProps) {
  return (
    <button
      type="button"
      className={dataTable.pick}
      aria-pressed={on}
      onClick={() => pick(on ? null : target)}
      onKeyDown={(event) => {
        if (event.ctrlKey || event.metaKey || event.altKey) return;
        if (event.key === "Enter" && on && onKey("Enter", target)) event.preventDefault();
        if (/^[lru]$/i.test(event.key)) {
          pick(target);
          onKey(event.key, target);
        }
      }}
    >
      {children}
    </button>
  );
}
