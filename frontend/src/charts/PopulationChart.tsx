// A population over time: each member at its step and its quality. Lines join the one in focus with its ancestors.
import clsx from "clsx";
import { memo, useMemo } from "react";
import { metricName, metricTitle } from "../format/metrics";
import { formatQualityTick, type QualityMetric } from "../format/numbers";
import { Axes } from "./Axes";
import { ancestry } from "./ancestry";
import { extent, linear, niceRange, ticks } from "./axis";
import { Chart, type ChartSelection, type TipOf } from "./Chart";
import styles from "./charts.module.css";
import { ManyMarks } from "./ManyMarks";
import { type Focus, isMany, type Picture, type Spot } from "./scatter/picture";

/** What a chart of a population needs of a member. */
export interface Member {
  readonly key: string;
  readonly step: number;
  readonly quality: number;
  readonly alive: boolean;
  readonly onFront: boolean;
  readonly parents: readonly string[];
}

interface Population {
  metric: QualityMetric;
  members: readonly Member[];
  /** the step shown */
  at: number;
}

interface PopulationChartProps extends ChartSelection, Population {
  tipOf: TipOf;
}

export function PopulationChart(props: PopulationChartProps) {
  return isMany(props.members) ? <ManyMembers {...props} /> : <FewMembers {...props} />;
}

function ManyMembers({ metric, members, at, ...selection }: PopulationChartProps) {
  const { focus: id } = selection;
  const picture = useMemo(() => populationPicture({ metric, members, at }), [metric, members, at]);
  const focus = useMemo((): Focus => ancestry(members, id, placeOf), [members, id]);
  return <ManyMarks {...selection} picture={picture} focus={focus} />;
}

export function populationPicture(population: Population): Picture {
  const { metric, members } = population;
  const { steps, qualities, label } = scalesOf(population);
  return {
    label,
    x: { range: steps, title: "step", text: null, count: 5, whole: true },
    y: {
      range: qualities,
      title: metricName(metric),
      text: (value) => formatQualityTick(value, metric),
      count: 3,
    },
    marks: members.map((member) => ({
      ...placeOf(member),
      key: member.key,
      id: member.key,
      look: member.alive ? "alive" : "dead",
    })),
    front: members.filter(({ onFront }) => onFront).map(placeOf),
    path: [],
    dotted: false,
    now: null,
    limit: null,
  };
}

const placeOf = ({ step, quality }: Member): Spot => ({ x: step, y: quality });

function scalesOf({ metric, members, at }: Population) {
  const [, latest] = extent(members.map(({ step }) => step));
  const alive = members.filter((member) => member.alive).length;
  return {
    steps: [0, Math.max(4, at, latest)] as const,
    qualities: niceRange(
      members.map(({ quality }) => quality),
      3,
    ),
    label: `${metricTitle(metric)} of ${members.length} members by step, ${alive} of them alive`,
  };
}

function FewMembers({ metric, members, at, ...selection }: PopulationChartProps) {
  const { steps, qualities, label } = scalesOf({ metric, members, at });
  const family = ancestry(members, selection.focus, placeOf);
  return (
    <Chart label={label} {...selection}>
      {({ width, height }) => {
        const x = linear(...steps, 42, width - 10);
        const y = linear(...qualities, height - 20, 14);
        return (
          <>
            <Axes
              x={x}
              y={y}
              xs={ticks(...steps, 5).filter(Number.isInteger)}
              ys={ticks(...qualities, 3)}
              yText={(value) => formatQualityTick(value, metric)}
              xTitle="step"
              yTitle={metricName(metric)}
            />
            {family.lines.map(([from, to]) => (
              <path
                key={`${from.x} ${from.y} ${to.x} ${to.y}`}
                className={styles.descent}
                d={`M${x(from.x)} ${y(from.y)}L${x(to.x)} ${y(to.y)}`}
              />
            ))}
            <g className={clsx(selection.focus !== null && styles.inFocus)}>
              {members.map((member) => (
                <Dot
                  key={member.key}
                  mark={member.key}
                  x={x(member.step)}
                  y={y(member.quality)}
                  alive={member.alive}
                  front={member.onFront}
                  on={family.ids.has(member.key)}
                />
              ))}
            </g>
          </>
        );
      }}
    </Chart>
  );
}

interface DotProps {
  mark: string;
  x: number;
  y: number;
  alive: boolean;
  front: boolean;
  on: boolean;
}

const Dot = memo(function Dot({ mark, x, y, alive, front, on }: DotProps) {
  return (
    <g className={clsx(styles.mark, on && styles.on)} data-id={mark} data-mark={mark}>
      {front && <circle className={styles.front} cx={x} cy={y} r={6.5} />}
      <circle className={clsx(styles.spot, !alive && styles.dead)} cx={x} cy={y} r={3.6} />
    </g>
  );
});
