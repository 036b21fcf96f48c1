// The position of the current page in a list, and its neighbours.

import { formatInteger } from "../../format/numbers";
import styles from "./lists.module.css";

interface PagerProps {
  page: number;
  answer: { count: number; next?: string | null; previous?: string | null; results: readonly unknown[] };
  onPage: (page: number) => void;
}

export function Pager({ page, answer, onPage }: PagerProps) {
  const { count, next, previous, results } = answer;
  if (!next && !previous) return null;
  // Only the last page may be short, so it is counted from the end.
  const first = next ? (page - 1) * results.length + 1 : count - results.length + 1;
  return (
    <nav className={styles.pager} aria-label="Pages">
      <button type="button" className="btn" disabled={!previous} onClick={() => onPage(page - 1)}>
        Previous
      </button>
      <span className="sub">
        {formatInteger(first)} to {formatInteger(first + results.length - 1)} of {formatInteger(count)}
      </span>
      <button type="button" className="btn" disabled={!next} onClick={() => onPage(page + 1)}>
        Next
      </button>
    </nav>
  );
}
