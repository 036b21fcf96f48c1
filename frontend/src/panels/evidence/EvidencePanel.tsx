// Three charts of the candidates tested so far.
import clsx from "clsx";
import { type ReactNode, useMemo } from "react";
import { EvidenceChart } from "../../charts/EvidenceChart";
import { type MeasuredPoint, QualityMacs } from "../../charts/QualityMacs";
import { type ScoredPoint, ScoreHistory } from "../../charts/ScoreHistory";
import { type CandidatePoint, fits, pointsInLine } from "../../live/candidatePoints";
import { cutEdge } from "../../live/edits";
import type { Line } from "../../live/line";
import { useCandidatePoints } from "../../live/useCandidatePoints";
import type { View } from "../../live/view";
import type { Moment } from "../../search-view/moment";
import { Term } from "../../ui/Term";
import type { Selection } from "../selection/useViewState";
import styles from "./evidence.module.css";

interface EvidencePanelProps {
  search: string;
  view: View;
  line: Line;
  /** the greatest `seq` of the table of candidates */
  newest: number;
  moment: Moment;
  selection: Selection;
  /** a further panel in the same row */
  children: ReactNode;
}

export function EvidencePanel({
  search,
  view,
  line,
  newest,
  moment,
  selection,
  children,
}: EvidencePanelProps) {
  const until = moment.head && !moment.abandoned ? null : view.seq;
  const known = useCandidatePoints(search, newest, until);
  const candidates = useMemo(
    () => pointsInLine(known, line, until ?? Number.POSITIVE_INFINITY),
    [known, line, until],
  );
  const tested = useMemo(() => candidates.flatMap(scoredPoint), [candidates]);
  const points = useMemo(
    () => candidates.flatMap((point) => measuredPoint(point, moment.budget)),
    [candidates, moment.budget],
  );
  const chosen = line.steps.map(({ step, edits, score }) => ({ step, edge: cutEdge(edits), score }));
  const shared = { focus: selection.focused, onHover: selection.hover, onPick: selection.pick };
  const word = view.metric === "perplexity" ? "Perplexity" : "Accuracy";
  const path = line.steps
    .filter((s) => s.step <= moment.step)
    .map((s) => ({ macs: s.cost.macs, quality: s.quality }));
  return (
    <div className={styles.charts}>
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
        {tested.length === 0 ? (
          <EmptyChart>{emptyText(moment, "Scores appear when the first step is decided.")}</EmptyChart>
        ) : (
          <ScoreHistory tested={tested} chosen={chosen} at={moment.step} {...shared} />
        )}
      </section>
      <section className="plate" aria-label={`${word} against MACs`}>
        <header>
          <h2>{word} and MACs</h2>
          <span className="sub">
            ◇ over a limit. Ring: on the <Term name="front">Pareto front</Term>
            {view.metric === "perplexity" && ". Lower is better"}
          </span>
        </header>
        {points.length === 0 ? (
          <EmptyChart>{emptyText(moment, "Candidates appear when the first step is decided.")}</EmptyChart>
        ) : (
          <QualityMacs
            metric={view.metric}
            points={points}
            path={path}
            limit={moment.budget?.macs ?? null}
            dense={(view.ends.largest ?? view.start)?.macs ?? 0}
            {...shared}
          />
        )}
      </section>
      <section className="plate" aria-label="Evidence">
        <header>
          <h2>
            <Term name="evidence">Evidence</Term>
          </h2>
          {moment.cuts && (
            <span className="sub">How sure are we? Up: tested more often. Right: more lost if cut</span>
          )}
        </header>
        {moment.edges.every((e) => e.importance === null) ? (
          <EmptyChart>
            {moment.cuts
              ? emptyText(moment, "Edges appear when the first step is decided.")
              : "This strategy compares whole cells and tests no single edge."}
          </EmptyChart>
        ) : (
          <EvidenceChart edges={moment.edges} metric={view.metric} {...shared} />
        )}
      </section>
      {children}
    </div>
  );
}

function emptyText(moment: Moment, text: string): string {
  return moment.over ? "The search ended before its first step was decided." : text;
}

function EmptyChart({ children }: { children: string }) {
  return <p className={clsx("sub", styles.soon)}>{children}</p>;
}

function scoredPoint({ step, edge, score }: CandidatePoint): ScoredPoint[] {
  return score === null ? [] : [{ step, edge, score }];
}

function measuredPoint(point: CandidatePoint, budget: Moment["budget"]): MeasuredPoint[] {
  const { branch, id, edge, macs, quality, score } = point;
  if (quality === null) return [];
  return [{ key: `${branch} ${id}`, edge, macs, quality, score, fits: fits(point, budget) }];
}
