// A cost as a bar: solid up to its limit, hatched beyond it, orange for the change by a cut, and a tick at the limit.
import clsx from "clsx";
import styles from "./track.module.css";

interface CostBarProps {
  value: number | null;
  /** the value at the right end, usually that of the largest graph; larger values move the end */
  full: number;
  limit: number | null;
  /** the value after a cut */
  after?: number | null;
  thin?: boolean;
}

export function CostBar({ value, full, limit, after = null, thin = false }: CostBarProps) {
  const end = Math.max(full, value ?? 0, after ?? 0, limit ?? 0) || 1;
  const at = (v: number) => Math.min(100, (v / end) * 97);
  const bar = (name: string | undefined, from: number, to: number) =>
    to > from ? (
      <i className={name} style={{ left: `${at(from)}%`, width: `${at(to) - at(from)}%` }} />
    ) : null;
  const solid = value === null ? 0 : Math.min(value, limit ?? value);
  return (
    <div className={clsx(styles.track, thin && styles.thin)}>
      {bar(styles.fit, 0, solid)}
      {value !== null && limit !== null && bar(styles.excess, limit, value)}
      {value !== null && after !== null && bar(styles.diff, Math.min(value, after), Math.max(value, after))}
      {limit !== null && <i className={styles.limit} style={{ left: `${at(limit)}%` }} />}
    </div>
  );
}
