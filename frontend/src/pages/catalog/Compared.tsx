// The two architectures to compare: a checkbox in each row, and their names below the list.
import { Link, useSearchParams } from "react-router";
import type { ArchitectureRow } from "../../api/types";
import { joinWords } from "../../format/text";
import styles from "./catalog.module.css";

export interface Compared {
  /** in the order of choosing */
  readonly ids: readonly string[];
  readonly set: (ids: readonly string[]) => void;
}

const MOST = 2;
const NAME = "compare";

/** In the URL, so that they are still there on the way back, and on other pages of the list. */
export function useCompared(): Compared {
  const [params, setParams] = useSearchParams();
  const ids = [...new Set(params.getAll(NAME))].slice(0, MOST);
  const set = (next: readonly string[]) =>
    setParams(
      (now) => {
        const changed = new URLSearchParams(now);
        changed.delete(NAME);
        for (const id of next) changed.append(NAME, id);
        return changed;
      },
      // at once: a box that waits for the page to be drawn goes back to what it was
      { replace: true, preventScrollReset: true, flushSync: true },
    );
  return { ids, set };
}

export function CompareBox({ row, compared }: { row: ArchitectureRow; compared: Compared }) {
  const { ids, set } = compared;
  const on = ids.includes(row.id);
  const full = !on && ids.length >= MOST;
  return (
    <label
      className={styles.compareBox}
      title={full ? "Two are chosen. Clear one of them first." : "Compare"}
    >
      <input
        type="checkbox"
        aria-label={`Compare ${row.name}`}
        checked={on}
        disabled={full}
        onChange={() => set(on ? ids.filter((id) => id !== row.id) : [...ids, row.id])}
      />
      <span className={styles.compareWord}>Compare</span>
    </label>
  );
}

/** `rows`: those that are loaded; one to compare may be on another page. */
export function CompareBar({ compared, rows }: { compared: Compared; rows: readonly ArchitectureRow[] }) {
  const { ids, set } = compared;
  const [a, b] = ids;
  if (a === undefined) return null;
  const clear = () => {
    document.getElementById("main")?.focus({ preventScroll: true }); // this button goes
    set([]);
  };
  const names = ids.map((id) => rows.find((row) => row.id === id)?.name ?? "one that is not on this page");
  return (
    <section className={styles.compared} aria-label="Comparison">
      <p role="status">
        <b>{b === undefined ? "Choose one more to compare:" : "Compare:"}</b> {joinWords(names)}
      </p>
      {b !== undefined && (
        <Link className="btn solid" to={`/catalog/compare?${new URLSearchParams({ a, b })}`}>
          Compare
        </Link>
      )}
      <button type="button" className="btn" onClick={clear}>
        Clear
      </button>
    </section>
  );
}
