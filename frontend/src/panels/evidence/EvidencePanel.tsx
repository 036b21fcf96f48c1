// What a search that tests single edges knows of each: how often it was tested, and how much worse the cell is without it.
import { EmptyChart } from "../../charts/EmptyChart";
import { EvidenceChart } from "../../charts/EvidenceChart";
import { Term } from "../../ui/Term";
import type { PanelProps } from "../selection/panelProps";

export function EvidencePanel({ view, moment, selection }: PanelProps) {
  const shared = { focus: selection.focused, onHover: selection.hover, onPick: selection.pick };
  return (
    <section className="plate" aria-label="Evidence">
      <header>
        <h2>
          <Term name="evidence">Evidence</Term>
        </h2>
        <span className="sub">How sure are we? Up: tested more often. Right: more lost if cut</span>
      </header>
      {moment.edges.every((e) => e.importance === null) ? (
        <EmptyChart>
          {moment.over
            ? "The search ended before its first step was decided."
            : "Edges appear when the first step is decided."}
        </EmptyChart>
      ) : (
        <EvidenceChart edges={moment.edges} metric={view.metric} {...shared} />
      )}
    </section>
  );
}
