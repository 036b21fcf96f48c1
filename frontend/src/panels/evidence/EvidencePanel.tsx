// Three charts of the candidates tested so far.
import { Term } from "../../ui/Term";
import "./evidence.css";
import { type ReactNode, useMemo } from "react";
import { EvidenceChart } from "../../charts/EvidenceChart";
import { type MeasuredPoint, QualityMacs } from "../../charts/QualityMacs";
import { type ScoredPoint, ScoreHistory } from "../../charts/ScoreHistory";
import type { View } from "../../live/events";
import { exceededLimits, type Moment } from "../../search-view/moment";
import type { Selection } from "../selection/useViewState";

interface EvidencePanelProps {
  view: View;
  moment: Moment;
  selection: Selection;
  /** a further panel in the same row */
  children: ReactNode;
}

export function EvidencePanel({ view, moment, selection, children }: EvidencePanelProps) {
  const { tested, chosen } = useMemo(() => scoredPoints(view), [view]);
  const points = useMemo(() => measuredPoints(view), [view]);
  const shared = { focus: selection.focused, onHover: selection.hover, onPick: selection.pick };
  const word = view.metric === "perplexity" ? "Perplexity" : "Accuracy";
  const path = view.history
    .filter((s) => s.step <= moment.step)
    .map((s) => ({ macs: s.cost.macs, quality: s.quality }));
  return (
    <div className="charts">
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
            dense={view.dense?.macs ?? 0}
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
  return <p className="chart soon sub">{children}</p>;
}

function scoredPoints(view: View): { tested: ScoredPoint[]; chosen: ScoredPoint[] } {
  const tested = view.history.flatMap((s) =>
    s.tested.flatMap((t) => (t.score === null ? [] : [{ step: s.step, edge: t.edge, score: t.score }])),
  );
  return { tested, chosen: view.history.map(({ step, edge, score }) => ({ step, edge, score })) };
}

function measuredPoints(view: View): MeasuredPoint[] {
  const { budget } = view;
  return view.history.flatMap((s) =>
    s.tested.flatMap((t, i) =>
      t.quality === null
        ? []
        : [
            {
              key: `${s.step} ${i}`,
              edge: t.edge,
              macs: t.cost.macs,
              quality: t.quality,
              score: t.score,
              fits: budget === null || exceededLimits(t.cost, budget).length === 0,
            },
          ],
    ),
  );
}
