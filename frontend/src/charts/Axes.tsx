// Axes of a chart: horizontal grid lines, ticks, and what each axis shows.
import clsx from "clsx";
import { formatFixed } from "../format/numbers";
import { decimals, type Scale } from "./axis";
import styles from "./charts.module.css";

interface AxesProps {
  x: Scale;
  y: Scale;
  xs: readonly number[];
  ys: readonly number[];
  xText?: (value: number) => string;
  yText?: (value: number) => string;
  /** what the horizontal axis shows, with its unit */
  xTitle?: string | undefined;
  yTitle?: string | undefined;
}

export function Axes({ x, y, xs, ys, xText, yText, xTitle, yTitle }: AxesProps) {
  const xDigits = decimals(xs);
  const yDigits = decimals(ys);
  return (
    <g>
      {ys.map((v) => (
        <g key={`y${v}`}>
          <path className={styles.gridLine} d={`M${x.from} ${y(v)}H${x.to}`} />
          <text className="tick" x={x.from - 6} y={y(v) + 3.5} textAnchor="end">
            {yText ? yText(v) : formatFixed(v, yDigits)}
          </text>
        </g>
      ))}
      {xs.map((v) => (
        <g key={`x${v}`}>
          <path className={styles.axisLine} d={`M${x(v)} ${y.from}v4`} />
          <text className="tick" x={x(v)} y={y.from + 15} textAnchor="middle">
            {xText ? xText(v) : formatFixed(v, xDigits)}
          </text>
        </g>
      ))}
      <path className={styles.axisLine} d={`M${x.from} ${y.from}H${x.to}`} />
      {xTitle && (
        <text className={clsx("tick", styles.halo)} x={x.to} y={y.from - 5} textAnchor="end">
          {xTitle}
        </text>
      )}
      {yTitle && (
        <text className={clsx("tick", styles.halo)} x={x.from + 4} y={y.to - 4}>
          {yTitle}
        </text>
      )}
    </g>
  );
}
