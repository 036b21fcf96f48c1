// Quality of candidates against their MACs: filled marks fit, hollow ones are over a limit, a ring means on the Pareto front.
import clsx from "clsx";
import { memo, useMemo } from "react";
import { formatCount, formatQualityTick, type Metric } from "../format/numbers";
import { Axes } from "./Axes";
import { extent, linear, niceRange, scoreColor, scoreStep, ticks } from "./axis";
import { Chart, type ChartSelection, type TipOf } from "./Chart";
import styles from "./charts.module.css";
import { ManyMarks } from "./ManyMarks";
import { paretoFront } from "./paretoFront";
import { type Focus, isMany, NO_FOCUS, type Picture } from "./scatter/picture";

export interface MeasuredPoint {
  key: string;
  edge: string | null;
  macs: number;
  quality: number;
  score: number | null;
  fits: boolean;
}

interface Measured extends Candidates {
  /** the chosen cells in order */
  path: readonly { macs: number; quality: number }[];
  limit: number | null;
  dense: number;
}

interface Candidates {
  metric: Metric;
  points: readonly MeasuredPoint[];
}

interface QualityMacsProps extends ChartSelection, Measured {
  tipOf: TipOf;
}

export function QualityMacs(props: QualityMacsProps) {
  return isMany(props.points) ? <ManyPoints {...props} /> : <FewPoints {...props} />;
}

function ManyPoints({ metric, points, path, limit, dense, ...selection }: QualityMacsProps) {
  const { focus: id } = selection;
  // The same array of marks lets the canvas draw only the path again.
  const drawn = useMemo(() => candidateMarks({ metric, points }), [metric, points]);
  const picture = useMemo(
    () => qualityPicture({ metric, points, path, limit, dense }, drawn),
    [metric, points, path, limit, dense, drawn],
  );
  const focus = useMemo(
    (): Focus => (id === null ? NO_FOCUS : { ids: new Set([id]), dims: true, lines: [] }),
    [id],
  );
  return <ManyMarks {...selection} picture={picture} focus={focus} />;
}

export function qualityPicture(measured: Measured, drawn = candidateMarks(measured)): Picture {
  const { metric, path, limit } = measured;
  const { macs, qualities } = rangesOf(measured);
  const now = path[path.length - 1];
  return {
    ...drawn,
    x: { range: macs, title: "MACs", text: formatCount, count: 4 },
    y: { range: qualities, title: metric, text: (value) => formatQualityTick(value, metric), count: 3 },
    path: path.map(placeOf),
    dotted: false,
    now: now ? { ...placeOf(now), text: "" } : null,
    limit: limit === null ? null : { x: limit, text: limitText(limit) },
  };
}

function candidateMarks(candidates: Candidates): Pick<Picture, "label" | "marks" | "front"> {
  const { points } = candidates;
  const { ringed, shareOf, label } = comparisonOf(candidates);
  return {
    label,
    marks: points.map((point) => ({
      ...placeOf(point),
      key: point.key,
      id: point.edge,
      look: point.fits ? scoreStep(shareOf(point)) : "over",
    })),
    front: points.filter(({ key }) => ringed.has(key)).map(placeOf),
  };
}

const MARK = 5; // half its width, in px
const LIMIT_LABEL = { width: 62, height: 16 }; // in px, with the room of a mark

const placeOf = ({ macs, quality }: { macs: number; quality: number }) => ({ x: macs, y: quality });
const limitText = (limit: number) => `≤ ${formatCount(limit)}`;

function rangesOf({ points, path, limit, dense }: Measured) {
  const macs = niceRange(
    [...points.map((p) => p.macs), ...path.map((p) => p.macs), dense, ...(limit === null ? [] : [limit])],
    4,
  );
  const qualities = niceRange(
    [...points, ...path].map((p) => p.quality),
    3,
  );
  return { macs, qualities };
}

/** What the candidates are to each other. */
function comparisonOf({ metric, points }: Candidates) {
  const places = points.map((p) => ({ id: p.key, x: p.macs, y: p.quality }));
  const ringed = new Set(paretoFront(places, metric === "perplexity"));
  const scores = points.flatMap((p) => (p.score === null ? [] : [p.score]));
  const [worst, best] = extent(scores);
  /** where its score is between the worst and the best */
  const shareOf = ({ score }: MeasuredPoint) =>
    score === null || best === worst ? 0.5 : (score - worst) / (best - worst);
  const label = `${metric === "perplexity" ? "Perplexity" : "Accuracy"} against MACs of ${points.length} candidates, ${ringed.size} of them on the Pareto front`;
  return { ringed, shareOf, label };
}

function FewPoints({ metric, points, path, limit, dense, ...selection }: QualityMacsProps) {
  const { macs, qualities } = rangesOf({ metric, points, path, limit, dense });
  const { ringed, shareOf, label } = comparisonOf({ metric, points });
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
        const limitHeight = !isFree(foot) && isFree(top) ? top : foot;
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
              yTitle={metric}
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
            <g className={clsx(selection.focus !== null && styles.inFocus)}>
              {points.map((p) => (
                <Candidate
                  key={p.key}
                  mark={p.key}
                  edge={p.edge}
                  x={x(p.macs)}
                  y={y(p.quality)}
                  color={p.fits ? scoreColor(shareOf(p)) : null}
                  front={ringed.has(p.key)}
                  on={p.edge !== null && p.edge === selection.focus}
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
  edge: string | null;
  x: number;
  y: number;
  /** null: it is over a limit */
  color: string | null;
  front: boolean;
  on: boolean;
}

const Candidate = memo(function Candidate({ mark, edge, x, y, color, front, on }: CandidateProps) {
  return (
    <g className={clsx(styles.mark, on && styles.on)} data-id={edge ?? undefined} data-mark={mark}>
      {front && <circle className={styles.front} cx={x} cy={y} r={6.5} />}
      {color !== null ? (
        <circle className={styles.fits} cx={x} cy={y} r={3.6} fill={color} />
      ) : (
        <path className={styles.overLimit} d={`M${x} ${y - 3.6}l3.6 3.6-3.6 3.6-3.6-3.6z`} />
      )}
    </g>
  );
});
