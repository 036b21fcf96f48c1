// A sparkline: one line without axes, on a scale shared with its neighbours.

import { roundTo } from "../format/rounding";
import { linear } from "./axis";
import styles from "./charts.module.css";

interface SparkProps {
  /** epoch and value */
  points: readonly (readonly [epoch: number, value: number])[];
  low: number;
  high: number;
  /** the last epoch of a complete curve */
  last: number;
}

const WIDTH = 84;
const HEIGHT = 16;

export function Spark({ points, low, high, last }: SparkProps) {
  const x = linear(1, Math.max(2, last), 2, WIDTH - 3);
  const y = linear(low, high, HEIGHT - 2, 2);
  const end = points.at(-1);
  return (
    <svg
      className={styles.spark}
      data-testid="spark"
      viewBox={`0 0 ${WIDTH} ${HEIGHT}`}
      preserveAspectRatio="none"
      aria-hidden="true"
    >
      <path className={styles.gridLine} d={`M0 ${HEIGHT - 0.5}H${WIDTH}`} />
      {points.length > 1 && (
        <path
          className={styles.sparkLine}
          d={`M${points.map(([epoch, value]) => `${roundTo(x(epoch), 1)} ${roundTo(y(value), 1)}`).join("L")}`}
        />
      )}
      {end && <circle className={styles.sparkEnd} cx={x(end[0])} cy={y(end[1])} r="1.8" />}
    </svg>
  );
}
