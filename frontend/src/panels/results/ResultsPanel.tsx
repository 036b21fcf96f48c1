// What every search shows of its candidates: their scores by step, and their quality against their cost.
import { useMemo } from "react";
import { EmptyChart } from "../../charts/EmptyChart";
import { colouredByScore, QualityMacs } from "../../charts/QualityMacs";
import { ScoreHistory } from "../../charts/ScoreHistory";
import { isLowerBetter, metricTitle } from "../../format/metrics";
import { type CandidatePoint, fits } from "../../live/candidatePoints";
import { cutEdge } from "../../live/edits";
import type { Budget } from "../../live/events";
import { doneWord, hasRelativeScores, RELATIVE_SCORES } from "../../search-view/candidateMetric";
import { describePoint, describeScore } from "../../search-view/pointText";
import { Term } from "../../ui/Term";
import { explainNoPoints } from "../selection/noPoints";
import type { PanelProps } from "../selection/panelProps";

export function ResultsPanel({ view, line, moment, selection, points, reading }: PanelProps) {
  const { metric } = view;
  const { budget, step: at } = moment;
  const tested = useMemo(() => points.flatMap(scoredPoint), [points]);
  const measured = useMemo(
    () => colouredByScore(points.flatMap((point) => measuredPoint(point, budget))),
    [points, budget],
  );
  const chosen = useMemo(
    () => line.steps.map(({ step, edits, score }) => ({ step, edge: cutEdge(edits), score })),
    [line],
  );
  const tipOf = (describe: (point: CandidatePoint) => string) => (mark: string) => {
    const point = points.find(({ key }) => key === mark);
    return point ? describe(point) : "";
  };
  const shared = { focus: selection.focused, onHover: selection.hover, onPick: selection.pick };
  const word = metricTitle(metric);
  const path = useMemo(
    () =>
      line.steps.filter(({ step }) => step <= at).map(({ cost, quality }) => ({ macs: cost.macs, quality })),
    [line, at],
  );
  return (
    <>
      <section className="plate" aria-label="Score history">
        <header>
          <h2>
            <Term name="score">Score</Term> history
          </h2>
          <span className="sub">
            {moment.cuts
              ? "Dots: every cut tested. Line: the cut made"
              : `Dots: every candidate ${doneWord(view)}. Line: the current cell`}
            {hasRelativeScores(view.task) && `. ${RELATIVE_SCORES}`}
          </span>
        </header>
        {tested.length === 0 && chosen.length === 0 ? (
          <EmptyChart>
            {explainNoPoints(moment, reading, "Scores appear when the first step is decided.")}
          </EmptyChart>
        ) : (
          <ScoreHistory tested={tested} chosen={chosen} at={at} tipOf={tipOf(describeScore)} {...shared} />
        )}
      </section>
      <section className="plate" aria-label={`${word} against MACs`}>
        <header>
          <h2>
            <Term name={metric}>{word}</Term> and MACs
          </h2>
          <span className="sub">
            ◇ over a limit. Ring: on the <Term name="front">Pareto front</Term>
            {metric !== "accuracy" && `. ${isLowerBetter(metric) ? "Lower" : "Higher"} is better`}
          </span>
        </header>
        {measured.length === 0 ? (
          <EmptyChart>
            {explainNoPoints(moment, reading, "Candidates appear when the first step is decided.")}
          </EmptyChart>
        ) : (
          <QualityMacs
            metric={metric}
            points={measured}
            path={path}
            limit={budget?.macs ?? null}
            dense={(view.ends.largest ?? view.start)?.macs ?? 0}
            tipOf={tipOf((point) => describePoint(point, metric, budget))}
            {...shared}
          />
        )}
      </section>
    </>
  );
}

function scoredPoint({ key, step, edge, score }: CandidatePoint) {
  return score === null ? [] : [{ key, step, edge, score }];
}

function measuredPoint(point: CandidatePoint, budget: Budget | null) {
  const { key, edge, macs, quality, score } = point;
  return quality === null ? [] : [{ key, edge, macs, quality, score, fits: fits(point, budget) }];
}
