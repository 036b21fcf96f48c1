// The score of every candidate at each step; the line joins the chosen ones.
import clsx from "clsx";
import { memo, useMemo } from "react";
import { formatScoreTick, formatScore as scoreWords } from "../format/numbers";
import { Axes } from "./Axes";
import { extent, linear, niceRange, ticks } from "./axis";
import { Chart, type ChartSelection, type TipOf } from "./Chart";
import styles from "./charts.module.css";
import { ManyMarks } from "./ManyMarks";
import { type Focus, isMany, type Mark, NO_FOCUS, type Picture } from "./scatter/picture";

export interface ScoredPoint {
  step: number;
  edge: string | null;
  score: number;
}

interface TestedPoint extends ScoredPoint {
  key: string;
}

interface Scores {
  tested: readonly TestedPoint[];
  chosen: readonly ScoredPoint[];
  /** the step shown */
  at: number;
}

interface ScoreHistoryProps extends ChartSelection, Scores {
  tipOf: TipOf;
}

export function ScoreHistory(props: ScoreHistoryProps) {
  return isMany(props.tested) ? <ManyScores {...props} /> : <FewScores {...props} />;
}

function ManyScores({ tested, chosen, at, ...selection }: ScoreHistoryProps) {
  const { focus: id } = selection;
  // The same array of marks lets the canvas draw only the path again.
  const marks = useMemo(() => testedMarks(tested), [tested]);
  const picture = useMemo(() => scorePicture({ tested, chosen, at }, marks), [tested, chosen, at, marks]);
  const focus = useMemo(
    (): Focus => (id === null ? NO_FOCUS : { ids: new Set([id]), dims: false, lines: [] }),
    [id],
  );
  return <ManyMarks {...selection} picture={picture} focus={focus} />;
}

export function scorePicture(all: Scores, marks = testedMarks(all.tested)): Picture {
  const { chosen, at } = all;
  const { steps, scores, now, label } = scalesOf(all);
  return {
    label,
    x: { range: steps, title: "step", text: null, count: 6, whole: true },
    y: { range: scores, title: "score", text: tickText(scores), count: 4 },
    marks,
    front: [],
    path: chosen.filter(({ step }) => step <= at).map(placeOf),
    dotted: true,
    now: now ? { ...placeOf(now), text: scoreWords(now.score) } : null,
    limit: null,
  };
}

const testedMarks = (tested: readonly TestedPoint[]): readonly Mark[] =>
  tested.map((point) => ({ ...placeOf(point), key: point.key, id: point.edge, look: "tested" }));

const placeOf = ({ step, score }: ScoredPoint) => ({ x: step, y: score });

/** Large scores are written in thousands or millions; others with as many decimals as the ticks need. */
const tickText = (scores: readonly number[]) =>
  Math.max(...scores.map(Math.abs)) < 10_000 ? null : formatScoreTick;

function scalesOf({ tested, chosen, at }: Scores) {
  const scores = niceRange(
    [...tested, ...chosen].map((p) => p.score),
    4,
  );
  const [, last] = extent([...tested, ...chosen].map((p) => p.step));
  const now = chosen.find((p) => p.step === at);
  const label = now
    ? `Score of every candidate at each step; chosen at step ${at}: ${scoreWords(now.score)}`
    : "Score of every candidate at each step; nothing is chosen yet";
  // To a round number, so that the axis stays while steps are added.
  return { steps: [0, niceRange([0, Math.max(4, last)], 10)[1]] as const, scores, now, label };
}

function FewScores({ tested, chosen, at, ...selection }: ScoreHistoryProps) {
  const { steps, scores, now, label } = scalesOf({ tested, chosen, at });
  return (
    <Chart label={label} {...selection}>
      {({ width, height }) => {
        const x = linear(...steps, 40, width - 8);
        const y = linear(...scores, height - 20, 14);
        const line = chosen.filter((p) => p.step <= at);
        const yText = tickText(scores);
        return (
          <>
            <Axes
              x={x}
              y={y}
              xs={ticks(...steps, 6)}
              ys={ticks(...scores, 4)}
              {...(yText && { yText })}
              xTitle="step"
              yTitle="score"
            />
            {tested.map((p) => (
              <Tested
                key={p.key}
                mark={p.key}
                edge={p.edge}
                x={x(p.step)}
                y={y(p.score)}
                on={p.edge !== null && p.edge === selection.focus}
              />
            ))}
            {line.length > 1 && (
              <path
                className={styles.pathTaken}
                d={`M${line.map((p) => `${x(p.step)} ${y(p.score)}`).join("L")}`}
              />
            )}
            {line.map((p) => (
              <circle
                key={p.step}
                className={styles.taken}
                cx={x(p.step)}
                cy={y(p.score)}
                r={p.step === at ? 4.5 : 2.6}
              />
            ))}
            {now && (
              <text
                className={clsx(styles.val, styles.halo)}
                x={x(now.step)}
                y={Math.max(10, y(now.score) - 10)}
                textAnchor={x(now.step) > width - 40 ? "end" : "middle"}
              >
                {scoreWords(now.score)}
              </text>
            )}
          </>
        );
      }}
    </Chart>
  );
}

/** Memoised, as the others: of many marks few change when another one is in focus. */
const Tested = memo(function Tested({ mark, edge, x, y, on }: MarkProps) {
  return (
    <circle
      className={clsx(styles.point, on && styles.on)}
      data-testid="tested"
      data-id={edge ?? undefined}
      data-mark={mark}
      cx={x}
      cy={y}
      r={on ? 3.4 : 2}
    />
  );
});

interface MarkProps {
  mark: string;
  edge: string | null;
  x: number;
  y: number;
  on: boolean;
}
