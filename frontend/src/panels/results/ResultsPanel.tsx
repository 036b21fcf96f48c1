// What every search shows of its candidates: their scores by step, and their quality against their cost.
import { useMemo } from "react";
import { EmptyChart } from "../../charts/EmptyChart";
import { QualityMacs } from "../../charts/QualityMacs";
import { ScoreHistory } from "../../charts/ScoreHistory";
import { type CandidatePoint, fits } from "../../live/candidatePoints";
import { cutEdge } from "../../live/edits";
import type { Budget } from "../../live/events";
import type { Metric } from "../../live/view";
import type { Moment } from "../../search-view/moment";
import { describePoint, describeScore } from "../../search-view/pointText";
import { Term } from "../../ui/Term";
import type { PanelProps } from "../selection/panelProps";

export function ResultsPanel({ view, line, moment, selection, points }: PanelProps) {
  const { metric } = view;
  const { budget, step: at } = moment;
  const tested = useMemo(() => points.flatMap(scoredPoint), [points]);
  const measured = useMemo(
    () => points.flatMap((point) => measuredPoint(point, metric, budget)),
    [points, metric, budget],
  );
  const chosen = useMemo(
    () => line.steps.map(({ step, edits, score }) => ({ step, edge: cutEdge(edits), score })),
    [line],
  );
  const shared = { focus: selection.focused, onHover: selection.hover, onPick: selection.pick };
  const word = metric === "perplexity" ? "Perplexity" : "Accuracy";
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
              : "Dots: every candidate tested. Line: the current cell"}
          </span>
        </header>
        {tested.length === 0 && chosen.length === 0 ? (
          <EmptyChart>{emptyText(moment, "Scores appear when the first step is decided.")}</EmptyChart>
        ) : (
          <ScoreHistory tested={tested} chosen={chosen} at={at} {...shared} />
        )}
      </section>
      <section className="plate" aria-label={`${word} against MACs`}>
        <header>
          <h2>{word} and MACs</h2>
          <span className="sub">
            ◇ over a limit. Ring: on the <Term name="front">Pareto front</Term>
            {metric === "perplexity" && ". Lower is better"}
          </span>
        </header>
        {measured.length === 0 ? (
          <EmptyChart>{emptyText(moment, "Candidates appear when the first step is decided.")}</EmptyChart>
        ) : (
          <QualityMacs
            metric={metric}
            points={measured}
            path={path}
            limit={budget?.macs ?? null}
            dense={(view.ends.largest ?? view.start)?.macs ?? 0}
            {...shared}
          />
        )}
      </section>
    </>
  );
}

function emptyText(moment: Moment, text: string): string {
  return moment.over ? "The search ended before its first step was decided." : text;
}

function scoredPoint(point: CandidatePoint) {
  const { step, edge, score } = point;
  return score === null ? [] : [{ key: keyOf(point), step, edge, score, tip: () => describeScore(point) }];
}

function measuredPoint(point: CandidatePoint, metric: Metric, budget: Budget | null) {
  const { edge, macs, quality, score } = point;
  if (quality === null) return [];
  const tip = () => describePoint(point, metric, budget);
  return [{ key: keyOf(point), edge, macs, quality, score, fits: fits(point, budget), tip }];
}

const keyOf = ({ branch, id }: CandidatePoint) => `${branch} ${id}`;
