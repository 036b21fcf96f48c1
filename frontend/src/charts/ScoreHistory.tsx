// The score of every candidate at each step; the line joins the chosen ones.
import clsx from "clsx";
import { formatScore as scoreWords } from "../format/numbers";
import { Axes } from "./Axes";
import { linear, niceRange, ticks } from "./axis";
import { Chart, type ChartSelection } from "./Chart";
import styles from "./charts.module.css";

export interface ScoredPoint {
  step: number;
  edge: string | null;
  score: number;
}

interface TestedPoint extends ScoredPoint {
  /** what it is, in words */
  tip: string;
}

interface ScoreHistoryProps extends ChartSelection {
  tested: readonly TestedPoint[];
  chosen: readonly ScoredPoint[];
  /** the step shown */
  at: number;
}

export function ScoreHistory({ tested, chosen, at, ...selection }: ScoreHistoryProps) {
  const [low, high] = niceRange(
    [...tested, ...chosen].map((p) => p.score),
    4,
  );
  const last = Math.max(4, ...chosen.map((p) => p.step), ...tested.map((p) => p.step));
  const now = chosen.find((p) => p.step === at);
  const label = now
    ? `Score of every candidate at each step; chosen at step ${at}: ${scoreWords(now.score)}`
    : "Score of every candidate at each step; nothing is chosen yet";
  return (
    <Chart label={label} {...selection}>
      {({ width, height }) => {
        const x = linear(0, last, 40, width - 8);
        const y = linear(low, high, height - 20, 14);
        const line = chosen.filter((p) => p.step <= at);
        return (
          <>
            <Axes x={x} y={y} xs={ticks(0, last, 6)} ys={ticks(low, high, 4)} xTitle="step" yTitle="score" />
            {tested.map((p, i) => {
              const on = p.edge !== null && p.edge === selection.focus;
              return (
                <circle
                  // biome-ignore lint/suspicious/noArrayIndexKey: candidates are only ever added at the end
                  key={i}
                  className={clsx(styles.point, on && styles.on)}
                  data-testid="tested"
                  data-id={p.edge ?? undefined}
                  data-tip={p.tip}
                  cx={x(p.step)}
                  cy={y(p.score)}
                  r={on ? 3.4 : 2}
                />
              );
            })}
            {line.length > 1 && (
              <path
                className={styles.pathTaken}
                d={`M${line.map((p) => `${x(p.step)} ${y(p.score)}`).join("L")}`}
              />
            )}
            {line.map((p) => (
              <circle
                key={p.step}
                className={styles.taken}
                cx={x(p.step)}
                cy={y(p.score)}
                r={p.step === at ? 4.5 : 2.6}
              />
            ))}
            {now && (
              <text
                className={clsx(styles.val, styles.halo)}
                x={x(now.step)}
                y={Math.max(10, y(now.score) - 10)}
                textAnchor={x(now.step) > width - 40 ? "end" : "middle"}
              >
                {scoreWords(now.score)}
              </text>
            )}
          </>
        );
      }}
    </Chart>
  );
}
