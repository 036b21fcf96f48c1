// Lines over epochs: labelled at their ends, the best epoch marked, values shown at the pointer. The x scale covers the
// whole training from the start, so that lines grow and nothing else moves.

import clsx from "clsx";
import { type PointerEvent, useState } from "react";
import { formatInteger } from "../format/numbers";
import { roundTo } from "../format/rounding";
import { Axes } from "./Axes";
import { linear, niceRange, type Scale, ticks } from "./axis";
import { Chart } from "./Chart";
import charts from "./charts.module.css";
import styles from "./curves.module.css";

export interface Line {
  readonly name: string;
  readonly kind: "main" | "second";
  readonly values: readonly number[]; // of epoch 1, 2, …
}

interface CurvesProps {
  label: string;
  lines: readonly Line[];
  epochs: number;
  best: number | null;
  show: (value: number) => string;
  showTick: (value: number) => string;
}

const NAME_ROOM = 128; // a name and a number behind the end of the longest line
const TOP_ROOM = 10; // half a line of text over the highest name
const FOOT_ROOM = 8; // half a line of text under the lowest name

export function Curves({ label, lines, epochs, best, show, showTick }: CurvesProps) {
  const [picked, setPicked] = useState<number | null>(null);
  const done = Math.max(0, ...lines.map((line) => line.values.length));
  return (
    <Chart label={label} className={styles.curves}>
      {({ width, height }) => {
        const range = niceRange(
          lines.flatMap((line) => line.values),
          5,
        );
        const x = linear(0, Math.max(epochs, done, 1), 40, width - NAME_ROOM);
        const y = linear(...range, height - 22, 10);
        const pick = (event: PointerEvent<SVGRectElement>) => {
          const { left } = event.currentTarget.getBoundingClientRect();
          const share = (event.clientX - left) / (x.to - x.from);
          setPicked(Math.min(done, Math.max(1, Math.round(share * x.high))));
        };
        return (
          <>
            <Axes
              x={x}
              y={y}
              xs={wholes(x.high)}
              ys={ticks(...range, 5)}
              xText={epochTick}
              yText={showTick}
            />
            {best !== null && <Best epoch={best} lines={lines} x={x} y={y} show={show} />}
            {lines.map((line) => (
              <path
                key={line.name}
                className={clsx(styles.line, line.kind !== "main" && styles.second)}
                d={path(line.values, x, y)}
              />
            ))}
            {picked === null || picked > done ? (
              <Ends lines={lines} x={x} y={y} show={show} />
            ) : (
              <Picked epoch={picked} lines={lines} x={x} y={y} show={show} />
            )}
            <rect
              x={x.from}
              y={y.to}
              width={Math.max(0, x.to - x.from)}
              height={Math.max(0, y.from - y.to)}
              fill="transparent"
              onPointerMove={pick}
              onPointerLeave={() => setPicked(null)}
            />
          </>
        );
      }}
    </Chart>
  );
}

/** The unit is shown once, at the origin. */
function epochTick(value: number): string {
  return value === 0 ? "epoch 0" : formatInteger(value);
}

function wholes(high: number): number[] {
  return ticks(0, high, 6).filter(Number.isInteger);
}

function path(values: readonly number[], x: Scale, y: Scale): string {
  return values
    .map((value, i) => `${i === 0 ? "M" : "L"}${roundTo(x(i + 1), 1)} ${roundTo(y(value), 1)}`)
    .join("");
}

/** The epoch whose weights are kept, with its value on the main line: at the foot if that is high there, else at the top. */
function Best({ epoch, lines, x, y, show }: EndsProps & { epoch: number }) {
  const left = x(epoch) > (x.from + x.to) / 2;
  const value = lines.find(({ kind }) => kind === "main")?.values[epoch - 1];
  const high = value === undefined || value > (y.low + y.high) / 2;
  return (
    <>
      <path className={styles.best} d={`M${x(epoch)} ${y.to}V${y.from}`} />
      <text
        className={clsx("tick", charts.halo)}
        x={x(epoch) + (left ? -4 : 4)}
        y={high ? y.from - 8 : y.to + 12}
        textAnchor={left ? "end" : "start"}
      >
        best: epoch {epoch}
        {value !== undefined && `, ${show(value)}`}
      </text>
    </>
  );
}

interface EndsProps {
  lines: readonly Line[];
  x: Scale;
  y: Scale;
  show: (value: number) => string;
}

function Ends({ lines, x, y, show }: EndsProps) {
  const ends = lines.flatMap((line) => {
    const value = line.values[line.values.length - 1];
    return value === undefined ? [] : [{ line, value, at: x(line.values.length), level: y(value) }];
  });
  const levels = clampLevels(
    spreadLevels(ends.map(({ level }) => level)),
    y.to + TOP_ROOM,
    y.from - FOOT_ROOM,
  );
  return (
    <>
      {levels.map((level, i) => {
        const end = ends[i];
        if (!end) return null;
        return (
          <g key={end.line.name}>
            <circle
              className={clsx(styles.end, end.line.kind !== "main" && styles.quiet)}
              cx={end.at}
              cy={end.level}
              r="3.5"
            />
            <text
              className={clsx(end.line.kind === "main" ? charts.val : charts.lab, charts.halo)}
              x={end.at + 9}
              y={level + 4}
            >
              {end.line.name} {show(end.value)}
            </text>
          </g>
        );
      })}
    </>
  );
}

/** Moves labels apart that would overlap; keeps their order. */
export function spreadLevels(levels: readonly number[], gap = 15): number[] {
  const order = levels.map((_, i) => i).sort((a, b) => (levels[a] ?? 0) - (levels[b] ?? 0));
  const moved = [...levels];
  order.forEach((index, place) => {
    const above = order[place - 1];
    if (above === undefined) return;
    moved[index] = Math.max(moved[index] ?? 0, (moved[above] ?? 0) + gap);
  });
  return moved;
}

/** Shifts all labels together to fit between top and foot; if they cannot, the top wins. */
export function clampLevels(levels: readonly number[], top: number, foot: number): number[] {
  const up = Math.max(0, Math.max(...levels) - foot);
  const down = Math.max(0, top - (Math.min(...levels) - up));
  return levels.map((level) => level - up + down);
}

function Picked({ epoch, lines, x, y, show }: EndsProps & { epoch: number }) {
  const right = x(epoch) < (x.from + x.to) / 2;
  const read = lines.flatMap((line) => {
    const value = line.values[epoch - 1];
    return value === undefined ? [] : [{ line, value }];
  });
  return (
    <>
      <path className={styles.pick} d={`M${x(epoch)} ${y.to}V${y.from}`} />
      {read.map(({ line, value }) => (
        <circle
          key={line.name}
          className={clsx(styles.end, line.kind !== "main" && styles.quiet)}
          cx={x(epoch)}
          cy={y(value)}
          r="3.5"
        />
      ))}
      {[`epoch ${epoch}`, ...read.map(({ line, value }) => `${line.name} ${show(value)}`)].map((text, i) => (
        <text
          key={text}
          className={clsx(charts.lab, charts.halo)}
          x={x(epoch) + (right ? 9 : -9)}
          y={y.to + 12 + i * 15}
          textAnchor={right ? "start" : "end"}
        >
          {text}
        </text>
      ))}
    </>
  );
}
