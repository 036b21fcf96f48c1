// A population over time: each member at its step and its quality. Lines join the one in focus with its ancestors.
import clsx from "clsx";
import { memo, useMemo } from "react";
import { formatQualityTick, type Metric } from "../format/numbers";
import { Axes } from "./Axes";
import { extent, linear, niceRange, ticks } from "./axis";
import { Chart, type ChartSelection, type TipOf } from "./Chart";
import styles from "./charts.module.css";
import { ManyMarks } from "./ManyMarks";
import { type Focus, isMany, type Picture } from "./scatter/picture";

export interface Member {
  readonly key: string;
  readonly step: number;
  readonly quality: number;
  readonly alive: boolean;
  readonly onFront: boolean;
  readonly parents: readonly string[];
}

interface Population {
  metric: Metric;
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
  const focus = useMemo((): Focus => {
    const { ids, lines } = ancestry(members, id);
    return { ids, dims: true, lines: lines.map(([from, to]) => [placeOf(from), placeOf(to)] as const) };
  }, [members, id]);
  return <ManyMarks {...selection} picture={picture} focus={focus} />;
}

export function populationPicture(population: Population): Picture {
  const { metric, members } = population;
  const { steps, qualities, label } = scalesOf(population);
  return {
    label,
    x: { range: steps, title: "step", text: null, count: 5, whole: true },
    y: { range: qualities, title: metric, text: (value) => formatQualityTick(value, metric), count: 3 },
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

const placeOf = ({ step, quality }: Member) => ({ x: step, y: quality });

function scalesOf({ metric, members, at }: Population) {
  const [, latest] = extent(members.map(({ step }) => step));
  const alive = members.filter((member) => member.alive).length;
  return {
    steps: [0, Math.max(4, at, latest)] as const,
    qualities: niceRange(
      members.map(({ quality }) => quality),
      3,
    ),
    label: `${metric === "perplexity" ? "Perplexity" : "Accuracy"} of ${members.length} members by step, ${alive} of them alive`,
  };
}

function FewMembers({ metric, members, at, ...selection }: PopulationChartProps) {
  const { steps, qualities, label } = scalesOf({ metric, members, at });
  const family = ancestry(members, selection.focus);
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
              yTitle={metric}
            />
            {family.lines.map(([from, to]) => (
              <path
                key={`${from.key} ${to.key}`}
                className={styles.descent}
                d={`M${x(from.step)} ${y(from.quality)}L${x(to.step)} ${y(to.quality)}`}
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

/** The member in focus with all its ancestors, and the lines from parents to children. */
function ancestry(members: readonly Member[], focus: string | null) {
  const known = new Map(members.map((member) => [member.key, member]));
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
