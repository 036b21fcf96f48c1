// Quality of candidates against their MACs: hollow diamonds are over a limit, a ring means on the Pareto front.
import clsx from "clsx";
import { memo, useMemo } from "react";
import { isLowerBetter, metricName, metricTitle } from "../format/metrics";
import { formatCount, formatQualityTick, type QualityMetric } from "../format/numbers";
import { Axes } from "./Axes";
import { extent, linear, niceRange, scoreStep, ticks } from "./axis";
import { Chart, type ChartSelection, type TipOf } from "./Chart";
import styles from "./charts.module.css";
import { ManyMarks } from "./ManyMarks";
import { paretoFront } from "./paretoFront";
import { type Focus, isMany, type Look, NO_FOCUS, type Picture, type Spot } from "./scatter/picture";

interface MacsAndQuality {
  readonly macs: number;
  readonly quality: number;
}

export interface MeasuredPoint extends MacsAndQuality {
  key: string;
  edge: string | null;
  score: number | null;
  fits: boolean;
}

export interface QualityPoint extends MacsAndQuality {
  readonly key: string;
  /** what it stands for, which is in focus with it; null: nothing */
  readonly id: string | null;
  readonly look: Exclude<Look, "alive" | "tested">;
}

interface Measured extends Candidates {
  /** the chosen cells in order */
  path: readonly MacsAndQuality[];
  limit: number | null;
  /** of the largest graph; null: it is not on the scale */
  dense: number | null;
}

interface Candidates {
  metric: QualityMetric;
  points: readonly QualityPoint[];
  /** what they are: "9 members, 4 of them alive" */
  what?: string;
}

interface QualityMacsProps extends ChartSelection, Measured {
  tipOf: TipOf;
  /** what is in focus with the mark that is */
  family?: Focus;
}

export function QualityMacs(props: QualityMacsProps) {
  const { focus, family } = props;
  const own = useMemo(
    (): Focus => (focus === null ? NO_FOCUS : { ids: new Set([focus]), dims: true, lines: [] }),
    [focus],
  );
  const drawn = { ...props, family: family ?? own };
  return isMany(props.points) ? <ManyPoints {...drawn} /> : <FewPoints {...drawn} />;
}

type DrawnProps = QualityMacsProps & { family: Focus };

function ManyPoints({ metric, points, what, path, limit, dense, family, ...selection }: DrawnProps) {
  // The same array of marks lets the canvas draw only the path again.
  const drawn = useMemo(
    () => candidateMarks({ metric, points, ...(what !== undefined && { what }) }),
    [metric, points, what],
  );
  const picture = useMemo(
    () => qualityPicture({ metric, points, path, limit, dense }, drawn),
    [metric, points, path, limit, dense, drawn],
  );
  return <ManyMarks {...selection} picture={picture} focus={family} />;
}

export function qualityPicture(measured: Measured, drawn = candidateMarks(measured)): Picture {
  const { metric, path, limit } = measured;
  const { macs, qualities } = rangesOf(measured);
  const now = path[path.length - 1];
  return {
    ...drawn,
    x: { range: macs, title: "MACs", text: formatCount, count: 4 },
    y: {
      range: qualities,
      title: metricName(metric),
      text: (value) => formatQualityTick(value, metric),
      count: 3,
    },
    path: path.map(placeOf),
    dotted: false,
    now: now ? { ...placeOf(now), text: "" } : null,
    limit: limit === null ? null : { x: limit, text: limitText(limit) },
  };
}

function candidateMarks(candidates: Candidates): Pick<Picture, "label" | "marks" | "front"> {
  const { points } = candidates;
  const { ringed, label } = comparisonOf(candidates);
  return {
    label,
    marks: points.map((point) => ({
      ...placeOf(point),
      key: point.key,
      id: point.id,
      look: point.look,
    })),
    front: points.filter(({ key }) => ringed.has(key)).map(placeOf),
  };
}

const MARK = 5; // half its width, in px
const LIMIT_LABEL = { width: 62, height: 16 }; // in px, with the room of a mark
const TITLE_WIDTH = 40; // of the horizontal axis, at its end

export const placeOf = ({ macs, quality }: MacsAndQuality): Spot => ({ x: macs, y: quality });
const limitText = (limit: number) => `≤ ${formatCount(limit)}`;

function rangesOf({ points, path, limit, dense }: Measured) {
  const macs = niceRange(
    [...[...points, ...path].map((p) => p.macs), ...[dense, limit].filter((macs) => macs !== null)],
    4,
  );
  const qualities = niceRange(
    [...points, ...path].map((p) => p.quality),
    3,
  );
  return { macs, qualities };
}

/** What the candidates are to each other. */
function comparisonOf({ metric, points, what = `${points.length} candidates` }: Candidates) {
  const places = points.map((p) => ({ id: p.key, x: p.macs, y: p.quality }));
  const ringed = new Set(paretoFront(places, isLowerBetter(metric)));
  const label = `${metricTitle(metric)} against MACs of ${what}, ${ringed.size} of them on the Pareto front`;
  return { ringed, label };
}

/** Candidates that fit have the colour of their score. */
export function colouredByScore(points: readonly MeasuredPoint[]): QualityPoint[] {
  const [worst, best] = extent(points.flatMap((p) => (p.score === null ? [] : [p.score])));
  /** where its score is between the worst and the best */
  const shareOf = ({ score }: MeasuredPoint) =>
    score === null || best === worst ? 0.5 : (score - worst) / (best - worst);
  return points.map((point) => ({
    key: point.key,
    id: point.edge,
    macs: point.macs,
    quality: point.quality,
    look: point.fits ? scoreStep(shareOf(point)) : "over",
  }));
}

function FewPoints({ metric, points, what, path, limit, dense, family, ...selection }: DrawnProps) {
  const { macs, qualities } = rangesOf({ metric, points, path, limit, dense });
  const { ringed, label } = comparisonOf({ metric, points, ...(what !== undefined && { what }) });
  const now = path[path.length - 1];
  return (
    <Chart label={label} {...selection}>
      {({ width, height }) => {
        const x = linear(...macs, 42, width - 10);
        const y = linear(...qualities, height - 20, 14);
        const roomy = limit !== null && x(limit) - x.from > 64;
        const line = path.map((p) => `${x(p.macs)} ${y(p.quality)}`).join("L");
        const [foot, top] = [y.from - 6, y.to + 12];
        const isFree = (height: number) =>
          limit !== null &&
          ![...points, ...path].some((p) => {
            const across = (x(limit) - x(p.macs)) * (roomy ? 1 : -1);
            const up = height - y(p.quality);
            return across > -MARK && across < LIMIT_LABEL.width && up > -MARK && up < LIMIT_LABEL.height;
          });
        const right = limit === null ? 0 : x(limit) + (roomy ? 0 : LIMIT_LABEL.width);
        const onTitle = right > x.to - TITLE_WIDTH;
        const limitHeight = onTitle || (!isFree(foot) && isFree(top)) ? top : foot;
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
              xs={ticks(...macs, width < 260 ? 2 : 4)}
              ys={ticks(...qualities, 3)}
              xText={formatCount}
              yText={(value) => formatQualityTick(value, metric)}
              xTitle="MACs"
              yTitle={metricName(metric)}
            />
            {limit !== null && (
              <>
                <path className={styles.limitLine} d={`M${x(limit)} ${y.from}V${y.to}`} />
                <text
                  className={clsx(styles.lab, styles.halo)}
                  x={x(limit) + (roomy ? -5 : 5)}
                  y={limitHeight}
                  textAnchor={roomy ? "end" : "start"}
                >
                  {limitText(limit)}
                </text>
              </>
            )}
            {family.lines.map(([from, to]) => (
              <path
                key={`${from.x} ${from.y} ${to.x} ${to.y}`}
                className={styles.descent}
                d={`M${x(from.x)} ${y(from.y)}L${x(to.x)} ${y(to.y)}`}
              />
            ))}
            <g className={clsx(selection.focus !== null && styles.inFocus)}>
              {points.map((p) => (
                <Candidate
                  key={p.key}
                  mark={p.key}
                  id={p.id}
                  x={x(p.macs)}
                  y={y(p.quality)}
                  look={p.look}
                  front={ringed.has(p.key)}
                  on={p.id !== null && family.ids.has(p.id)}
                />
              ))}
            </g>
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

interface CandidateProps {
  mark: string;
  id: string | null;
  x: number;
  y: number;
  look: QualityPoint["look"];
  front: boolean;
  on: boolean;
}

const Candidate = memo(function Candidate({ mark, id, x, y, look, front, on }: CandidateProps) {
  return (
    <g className={clsx(styles.mark, on && styles.on)} data-id={id ?? undefined} data-mark={mark}>
      {front && <circle className={styles.front} cx={x} cy={y} r={6.5} />}
      {look === "over" && (
        <path className={styles.overLimit} d={`M${x} ${y - 3.6}l3.6 3.6-3.6 3.6-3.6-3.6z`} />
      )}
      {look === "dead" && <circle className={clsx(styles.spot, styles.dead)} cx={x} cy={y} r={2.6} />}
      {typeof look === "number" && (
        <circle className={styles.fits} cx={x} cy={y} r={3.6} fill={`var(--score-${look})`} />
      )}
    </g>
  );
});
