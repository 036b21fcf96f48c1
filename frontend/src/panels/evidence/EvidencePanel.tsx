// Three charts of the candidates tested so far.
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
          <h2>Score history</h2>
          <span className="sub">every candidate, line = chosen</span>
        </header>
        {tested.length === 0 ? (
          <EmptyChart>Scores appear when the first step is decided.</EmptyChart>
        ) : (
          <ScoreHistory tested={tested} chosen={chosen} at={moment.step} {...shared} />
        )}
      </section>
      <section className="plate" aria-label={`${word} against MACs`}>
        <header>
          <h2>{word}, MACs</h2>
          <span className="sub">
            ◇ over a limit, ○ front{view.metric === "perplexity" && ", lower is better"}
          </span>
        </header>
        {points.length === 0 ? (
          <EmptyChart>Candidates appear when they are trained.</EmptyChart>
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
          <h2>Evidence</h2>
          <span className="sub">tested ↑, worth keeping →</span>
        </header>
        {moment.edges.every((e) => e.fitness === null) ? (
          <EmptyChart>What is known of each edge appears with the first step.</EmptyChart>
        ) : (
          <EvidenceChart edges={moment.edges} metric={view.metric} {...shared} />
        )}
      </section>
      {children}
    </div>
  );
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
