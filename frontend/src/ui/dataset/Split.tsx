// How data is split: what is learned from, what a search judges by, what is opened once at the end.
import { groupDigits } from "../../format/text";
import "./split.css";

export interface SplitCounts {
  readonly train: number;
  readonly validation: number;
  readonly test: number;
}

const PARTS = [
  ["train", "train"],
  ["validation", "validate"],
  ["test", "test"],
] as const;

export function splitTotal(counts: SplitCounts): number {
  return counts.train + counts.validation + counts.test;
}

export function describeSplit(counts: SplitCounts): string {
  return PARTS.map(([key, word]) => `${groupDigits(counts[key])} ${word}`).join(", ");
}

export function Split({ counts }: { counts: SplitCounts }) {
  return (
    <span className="split">
      <SplitBar counts={counts} />
      <span className="d2">{describeSplit(counts)}</span>
    </span>
  );
}

/** Three parts to scale, on a scale that ends at `of`, where several bars are compared. */
export function SplitBar({ counts, of = 0 }: { counts: SplitCounts; of?: number }) {
  const rest = of - splitTotal(counts);
  return (
    <span className="parts" aria-hidden="true">
      {PARTS.filter(([key]) => counts[key] > 0).map(([key]) => (
        <i key={key} className={key} style={{ flexGrow: counts[key] }} />
      ))}
      {rest > 0 && <span className="rest" style={{ flexGrow: rest }} />}
    </span>
  );
}
