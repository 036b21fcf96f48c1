// A sparkline: one line without axes, on a scale shared with its neighbours.

import { roundTo } from "../format/rounding";
import { linear } from "./axis";
import styles from "./charts.module.css";

interface SparkProps {
  values: readonly number[];
  low: number;
  high: number;
  /** how many values a complete curve has */
  length: number;
}

const WIDTH = 84;
const HEIGHT = 16;

export function Spark({ values, low, high, length }: SparkProps) {
  const x = linear(0, Math.max(1, length - 1), 2, WIDTH - 3);
  const y = linear(low, high, HEIGHT - 2, 2);
  const last = values[values.length - 1];
  return (
    <svg
      className={styles.spark}
      data-testid="spark"
      viewBox={`0 0 ${WIDTH} ${HEIGHT}`}
      preserveAspectRatio="none"
      aria-hidden="true"
    >
      <path className={styles.gridLine} d={`M0 ${HEIGHT - 0.5}H${WIDTH}`} />
      {values.length > 1 && (
        <path
          className={styles.sparkLine}
          d={`M${values.map((v, i) => `${roundTo(x(i), 1)} ${roundTo(y(v), 1)}`).join("L")}`}
        />
      )}
      {last !== undefined && (
        <circle className={styles.sparkEnd} cx={x(values.length - 1)} cy={y(last)} r="1.8" />
      )}
    </svg>
  );
}
