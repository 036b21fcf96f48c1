// How a dataset is split into train, validation and test.
import clsx from "clsx";
import { formatInteger } from "../../format/numbers";
import styles from "./split.module.css";

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

const PART_STYLES = { train: undefined, validation: styles.validation, test: styles.test };

export function splitTotal(counts: SplitCounts): number {
  return counts.train + counts.validation + counts.test;
}

export function describeSplit(counts: SplitCounts): string {
  return PARTS.map(([key, word]) => `${formatInteger(counts[key])} ${word}`).join(", ");
}

export function Split({ counts, className }: { counts: SplitCounts; className?: string | undefined }) {
  return (
    <span className={clsx(styles.split, className)}>
      <SplitBar counts={counts} />
      <span className={styles.words}>{describeSplit(counts)}</span>
    </span>
  );
}

/** One of the splits as it looks in a bar, for a legend. */
export function SplitSwatch({ part }: { part: keyof SplitCounts }) {
  return (
    <span className={clsx(styles.parts, styles.swatch)} aria-hidden="true">
      <i className={PART_STYLES[part]} />
    </span>
  );
}

/** The three splits as a bar, on a scale that ends at `of` to compare several bars. */
export function SplitBar({ counts, of = 0 }: { counts: SplitCounts; of?: number }) {
  const rest = of - splitTotal(counts);
  return (
    <span className={styles.parts} aria-hidden="true">
      {PARTS.filter(([key]) => counts[key] > 0).map(([key]) => (
        <i key={key} className={PART_STYLES[key]} style={{ flexGrow: counts[key] }} />
      ))}
      {rest > 0 && <span style={{ flexGrow: rest }} />}
    </span>
  );
}
