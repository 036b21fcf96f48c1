// The evidence on each edge: how often it was tested, and its importance.
import clsx from "clsx";
import { type EdgeState, evidenceLevel } from "../dag/graph";
import { formatNumber, formatScoreGap, formatSigned, type QualityMetric } from "../format/numbers";
import { formatEdge, plural } from "../format/text";
import { Axes } from "./Axes";
import { extent, linear, niceRange, ticks } from "./axis";
import { Chart, type ChartSelection } from "./Chart";
import styles from "./charts.module.css";

export interface EdgeEvidence {
  id: string;
  tests: number;
  importance: number | null;
  state: EdgeState;
}

/** With fewer tests than this the importance is mostly noise. */
const ENOUGH = 2.5;

interface EvidenceChartProps extends ChartSelection {
  edges: readonly EdgeEvidence[];
  metric: QualityMetric;
}

export function EvidenceChart({ edges, metric, ...selection }: EvidenceChartProps) {
  const tipOf = (id: string) => {
    const { tests = 0, importance = 0 } = edges.find((e) => e.id === id) ?? {};
    const lost = formatSigned(importance ?? 0, (size) => formatScoreGap(size, metric));
    return `${formatEdge(id)}: tested ${plural(tests, "time")}, importance ${lost}`;
  };
  const known = edges.filter((e) => e.importance !== null);
  const scale = metric === "accuracy" ? 100 : 1; // scores from accuracies are shown in percentage points
  const [low, high] = niceRange([0, ...known.map((e) => (e.importance ?? 0) * scale)], 4);
  const most = Math.max(4, extent(known.map((e) => e.tests))[1]) + 0.5;
  const drawn = [...known].sort((a, b) => weight(a.state) - weight(b.state));
  const named = known.filter((e) =>
    selection.focus ? e.id === selection.focus : e.state === "next" || e.state === "locked",
  );
  return (
    <Chart
      label={`Importance and number of tests: ${known.length} of ${edges.length} edges tested`}
      tipOf={tipOf}
      {...selection}
    >
      {({ width, height }) => {
        const x = linear(low, high, 26, width - 10);
        const y = linear(0, most, height - 20, 14);
        const at = (e: EdgeEvidence) => [x((e.importance ?? 0) * scale), y(e.tests)] as const;
        return (
          <>
            <defs>
              <pattern
                id="few"
                width="5"
                height="5"
                patternUnits="userSpaceOnUse"
                patternTransform="rotate(45)"
              >
                <path d="M0 0V5" className={styles.gridLine} />
              </pattern>
            </defs>
            <rect
              x={x.from}
              y={y(ENOUGH)}
              width={x.to - x.from}
              height={y.from - y(ENOUGH)}
              fill="url(#few)"
            />
            <Axes
              x={x}
              y={y}
              xs={ticks(low, high, 4)}
              ys={ticks(0, most, 4).filter(Number.isInteger)}
              xText={(v) => (v === 0 ? "0" : formatSigned(v, formatNumber))}
              xTitle={metric === "accuracy" ? "accuracy lost if cut, points" : "score lost if cut"}
              yTitle="times tested"
            />
            <text className={clsx("tick", styles.halo)} x={x.from + 4} y={y.from - 5}>
              fewer than 3 tests
            </text>
            <g className={clsx(selection.focus !== null && styles.inFocus)}>
              {drawn.map((e) => {
                const [cx, cy] = at(e);
                const on = e.id === selection.focus;
                return (
                  <g
                    key={e.id}
                    className={clsx(styles.mark, e.state === "removed" && styles.removed, on && styles.on)}
                    data-id={e.id}
                    data-mark={e.id}
                  >
                    {e.state === "next" ? (
                      <path className={styles.wedge} d={`M${cx - 6} ${cy - 5}h12l-6 10z`} />
                    ) : e.state === "locked" ? (
                      <>
                        <circle className={styles.ring} cx={cx} cy={cy} r={7} />
                        <circle className={styles.ring} cx={cx} cy={cy} r={3.8} />
                      </>
                    ) : (
                      <circle
                        className={styles.spot}
                        data-depth={evidenceLevel(e.tests)}
                        cx={cx}
                        cy={cy}
                        r={e.state === "removed" ? 3 : 4.3}
                      />
                    )}
                  </g>
                );
              })}
            </g>
            {named.map((e) => {
              const [cx, cy] = at(e);
              const left = cx > width - 60;
              return (
                <text
                  key={e.id}
                  className={clsx(styles.val, styles.halo)}
                  x={cx + (left ? -10 : 10)}
                  y={cy + 4}
                  textAnchor={left ? "end" : "start"}
                >
                  {formatEdge(e.id)}
                </text>
              );
            })}
          </>
        );
      }}
    </Chart>
  );
}

function weight(state: EdgeState): number {
  return state === "removed" ? 0 : state === "next" || state === "locked" ? 2 : 1;
}
