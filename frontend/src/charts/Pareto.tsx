// Quality against cost: points on the Pareto front have a ring and are joined by a step line.

import clsx from "clsx";
import { isLowerBetter, metricTitle } from "../format/metrics";
import { formatQualityTick, type Metric } from "../format/numbers";
import { roundTo } from "../format/rounding";
import { Axes } from "./Axes";
import { linear, niceRange, scoreColor, ticks } from "./axis";
import { Chart } from "./Chart";
import charts from "./charts.module.css";
import styles from "./pareto.module.css";
import { type Point, paretoFront } from "./paretoFront";

export interface ParetoPoint extends Point {
  readonly name: string;
}

interface ParetoProps {
  metric: Metric;
  points: readonly ParetoPoint[];
  cost: string;
  showCost: (value: number) => string;
  /** rows that do not match stay visible but pale, so that the scales do not change */
  marked: string | null;
  onMark: (id: string | null) => void;
}

const LETTER = 6.6; // width of a letter of a label

export function Pareto({ metric, points, cost, showCost, marked, onMark }: ParetoProps) {
  const lower = isLowerBetter(metric);
  const best = paretoFront(points, lower);
  const label = `${metricTitle(metric)} against ${cost}: ${points.length} architectures, ${best.length} on the Pareto front`;
  return (
    <Chart label={label} className={styles.pareto}>
      {({ width, height }) => {
        const xs = niceRange(
          points.map(({ x }) => x),
          4,
        );
        const ys = niceRange(
          points.map(({ y }) => y),
          5,
        );
        const x = linear(...xs, 46, width - 20);
        const y = linear(...ys, height - 22, 10);
        const low = Math.min(...points.map((point) => point.y));
        const span = Math.max(...points.map((point) => point.y)) - low || 1;
        const line = best.flatMap((id) => points.find((point) => point.id === id) ?? []);
        const ordered = [...points].sort((a, b) => Number(a.id === marked) - Number(b.id === marked));
        return (
          <>
            <Axes
              x={x}
              y={y}
              xs={ticks(...xs, 4)}
              ys={ticks(...ys, 5)}
              xText={showCost}
              yText={(value) => formatQualityTick(value, metric)}
              xTitle={cost}
            />
            <path className={styles.stairs} d={steps(line.map((point) => [x(point.x), y(point.y)]))} />
            {ordered.map((point) => (
              <g
                key={point.id}
                className={point.id === marked ? styles.on : undefined}
                transform={`translate(${roundTo(x(point.x), 1)} ${roundTo(y(point.y), 1)})`}
                onPointerEnter={() => onMark(point.id)}
                onPointerLeave={() => onMark(null)}
              >
                <circle r="12" fill="transparent" />
                {best.includes(point.id) && <circle className={styles.haloRing} r="7.5" />}
                <circle
                  className={styles.dot}
                  r="4.3"
                  fill={scoreColor(lower ? 1 - (point.y - low) / span : (point.y - low) / span)}
                />
                {point.id === marked && <Name text={point.name} x={x(point.x)} width={width} />}
              </g>
            ))}
          </>
        );
      }}
    </Chart>
  );
}

function Name({ text, x, width }: { text: string; x: number; width: number }) {
  const left = x + 12 + text.length * LETTER > width;
  return (
    <text
      className={clsx(charts.val, charts.halo)}
      x={left ? -12 : 12}
      y={left ? -9 : 16}
      textAnchor={left ? "end" : "start"}
    >
      {text}
    </text>
  );
}

/** The step line: horizontal at one accuracy, then up at the cost where the next point begins. */
function steps(corners: readonly (readonly [number, number])[]): string {
  return corners.map(([x, y], i) => (i === 0 ? `M${x} ${y}` : `H${x}V${y}`)).join("");
}
