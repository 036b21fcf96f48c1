// A population over time: each member at its step and its quality. Lines join the one in focus with its ancestors.
import clsx from "clsx";
import { formatQualityTick, type Metric } from "../format/numbers";
import { Axes } from "./Axes";
import { linear, niceRange, ticks } from "./axis";
import { Chart, type ChartSelection } from "./Chart";
import styles from "./charts.module.css";

export interface Member {
  readonly id: string;
  readonly step: number;
  readonly quality: number;
  readonly alive: boolean;
  readonly onFront: boolean;
  readonly parents: readonly string[];
  /** what it is, in words */
  readonly tip: string;
}

interface PopulationChartProps extends ChartSelection {
  metric: Metric;
  members: readonly Member[];
  /** the step shown */
  at: number;
}

export function PopulationChart({ metric, members, at, ...selection }: PopulationChartProps) {
  const [low, high] = niceRange(
    members.map(({ quality }) => quality),
    3,
  );
  const last = Math.max(4, at, ...members.map(({ step }) => step));
  const family = ancestry(members, selection.focus);
  const alive = members.filter((member) => member.alive).length;
  return (
    <Chart
      label={`${metric === "perplexity" ? "Perplexity" : "Accuracy"} of ${members.length} members by step, ${alive} of them alive`}
      {...selection}
    >
      {({ width, height }) => {
        const x = linear(0, last, 42, width - 10);
        const y = linear(low, high, height - 20, 14);
        return (
          <>
            <Axes
              x={x}
              y={y}
              xs={ticks(0, last, 5).filter(Number.isInteger)}
              ys={ticks(low, high, 3)}
              yText={(value) => formatQualityTick(value, metric)}
              xTitle="step"
              yTitle={metric}
            />
            {family.lines.map(([from, to]) => (
              <path
                key={`${from.id} ${to.id}`}
                className={styles.descent}
                d={`M${x(from.step)} ${y(from.quality)}L${x(to.step)} ${y(to.quality)}`}
              />
            ))}
            {members.map((member) => {
              const [cx, cy] = [x(member.step), y(member.quality)];
              const on = family.ids.has(member.id);
              return (
                <g
                  key={member.id}
                  className={clsx(
                    styles.mark,
                    on && styles.on,
                    selection.focus !== null && !on && styles.dim,
                  )}
                  data-id={member.id}
                  data-tip={member.tip}
                >
                  {member.onFront && <circle className={styles.front} cx={cx} cy={cy} r={6.5} />}
                  <circle
                    className={clsx(styles.spot, !member.alive && styles.dead)}
                    cx={cx}
                    cy={cy}
                    r={3.6}
                  />
                </g>
              );
            })}
          </>
        );
      }}
    </Chart>
  );
}

/** The member in focus with all its ancestors, and the lines from parents to children. */
function ancestry(members: readonly Member[], focus: string | null) {
  const known = new Map(members.map((member) => [member.id, member]));
  const ids = new Set<string>();
  const lines: [from: Member, to: Member][] = [];
  const open = focus === null ? [] : [focus];
  for (let id = open.pop(); id !== undefined; id = open.pop()) {
    const member = known.get(id);
    if (!member || ids.has(id)) continue;
    ids.add(id);
    for (const parent of member.parents) {
      const from = known.get(parent);
      if (from) lines.push([from, member]);
      open.push(parent);
    }
  }
  return { ids, lines };
}
