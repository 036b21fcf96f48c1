// Quality of candidates against their MACs: filled marks fit, hollow ones are over a limit, a ring means on the Pareto front.
import clsx from "clsx";
import { formatCount, formatQualityTick, type Metric } from "../format/numbers";
import { Axes } from "./Axes";
import { linear, niceRange, scoreColor, ticks } from "./axis";
import { Chart, type ChartSelection } from "./Chart";
import styles from "./charts.module.css";
import { paretoFront } from "./paretoFront";

export interface MeasuredPoint {
  key: string;
  edge: string | null;
  macs: number;
  quality: number;
  score: number | null;
  fits: boolean;
  /** what it is, in words */
  tip: string;
}

interface QualityMacsProps extends ChartSelection {
  metric: Metric;
  points: readonly MeasuredPoint[];
  /** the chosen cells in order */
  path: readonly { macs: number; quality: number }[];
  limit: number | null;
  dense: number;
}

export function QualityMacs({ metric, points, path, limit, dense, ...selection }: QualityMacsProps) {
  const [least, most] = niceRange(
    [...points.map((p) => p.macs), ...path.map((p) => p.macs), dense, ...(limit === null ? [] : [limit])],
    4,
  );
  const [low, high] = niceRange(
    [...points, ...path].map((p) => p.quality),
    3,
  );
  const places = points.map((p) => ({ id: p.key, x: p.macs, y: p.quality }));
  const ringed = new Set(paretoFront(places, metric === "perplexity"));
  const scores = points.flatMap((p) => (p.score === null ? [] : [p.score]));
  const [worst, best] = [Math.min(...scores), Math.max(...scores)];
  const now = path[path.length - 1];
  return (
    <Chart
      label={`${metric === "perplexity" ? "Perplexity" : "Accuracy"} against MACs of ${points.length} candidates, ${ringed.size} of them on the Pareto front`}
      {...selection}
    >
      {({ width, height }) => {
        const x = linear(least, most, 42, width - 10);
        const y = linear(low, high, height - 20, 14);
        const roomy = limit !== null && x(limit) - x.from > 64;
        const line = path.map((p) => `${x(p.macs)} ${y(p.quality)}`).join("L");
        return (
          <>
            {limit !== null && (
              <rect
                className={styles.allowed}
                x={x.from}
                y={y.to}
                width={Math.max(0, x(limit) - x.from)}
                height={y.from - y.to}
              />
            )}
            <Axes
              x={x}
              y={y}
              xs={ticks(least, most, width < 260 ? 2 : 4)}
              ys={ticks(low, high, 3)}
              xText={formatCount}
              yText={(value) => formatQualityTick(value, metric)}
              xTitle="MACs"
              yTitle={metric}
            />
            {limit !== null && (
              <>
                <path className={styles.limitLine} d={`M${x(limit)} ${y.from}V${y.to}`} />
                <text
                  className={clsx(styles.lab, styles.halo)}
                  x={x(limit) + (roomy ? -5 : 5)}
                  y={y.from - 6}
                  textAnchor={roomy ? "end" : "start"}
                >
                  ≤ {formatCount(limit)}
                </text>
              </>
            )}
            {points.map((p) => {
              const [cx, cy] = [x(p.macs), y(p.quality)];
              const on = p.edge !== null && p.edge === selection.focus;
              const dim = selection.focus !== null && !on;
              return (
                <g
                  key={p.key}
                  className={clsx(styles.mark, on && styles.on, dim && styles.dim)}
                  data-id={p.edge ?? undefined}
                  data-tip={p.tip}
                >
                  {ringed.has(p.key) && <circle className={styles.front} cx={cx} cy={cy} r={6.5} />}
                  {p.fits ? (
                    <circle
                      className={styles.fits}
                      cx={cx}
                      cy={cy}
                      r={3.6}
                      fill={scoreColor(
                        p.score === null || best === worst ? 0.5 : (p.score - worst) / (best - worst),
                      )}
                    />
                  ) : (
                    <path className={styles.overLimit} d={`M${cx} ${cy - 3.6}l3.6 3.6-3.6 3.6-3.6-3.6z`} />
                  )}
                </g>
              );
            })}
            {path.length > 1 && (
              <>
                <path className={styles.pathCasing} d={`M${line}`} />
                <path className={styles.pathTaken} d={`M${line}`} />
              </>
            )}
            {now && <circle className={styles.taken} cx={x(now.macs)} cy={y(now.quality)} r={4.5} />}
          </>
        );
      }}
    </Chart>
  );
}
