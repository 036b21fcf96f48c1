// How a dataset is split into train, validation and test.
import { formatInteger } from "../../format/numbers";
import "./split.css";

export interface SplitCounts {
  readonly train: number;
  readonly validation: number;
  readonly test: number;
}

const PARTS = [
  ["train", "train"],
  ["validation", "validation"],
  ["test", "test"],
] as const;

export function splitTotal(counts: SplitCounts): number {
  return counts.train + counts.validation + counts.test;
}

export function describeSplit(counts: SplitCounts): string {
  return PARTS.map(([key, word]) => `${formatInteger(counts[key])} ${word}`).join(", ");
}

export function Split({ counts }: { counts: SplitCounts }) {
  return (
    <span className="split">
      <SplitBar counts={counts} />
      <span className="d2">{describeSplit(counts)}</span>
    </span>
  );
}

/** The three splits as a bar, on a scale that ends at `of` to compare several bars. */
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
