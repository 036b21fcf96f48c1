// The margin note: why the edge in focus is as it is, what cutting it would change, what a person can do.
import { type RefObject, useEffect, useRef } from "react";
import { Link } from "react-router";
import { COSTS, costOf } from "../../format";
import type { Cost, View } from "../../live/events";
import type { Beside } from "../../live/messages";
import { useKeptFocus } from "../../parts/useKeptFocus";
import { edgeName, percent, signed } from "../../units";
import type { Moment, MomentEdge } from "./moment";
import type { Steering } from "./useSteering";
import { edgeNote, fitness } from "./words";

interface NoteProps {
  edge: MomentEdge | undefined;
  moment: Moment;
  view: View;
  beside: Beside | null;
  after: Cost | null;
  steering: Steering;
  /** the edge whose cut waits for a yes */
  asking: boolean;
  ask: (asking: boolean) => void;
}

export function Note(props: NoteProps) {
  const { edge, moment, view, after } = props;
  if (!edge) return <NoEdge {...props} />;
  const { head, text } = edgeNote(edge, moment, view);
  const cost = moment.cost;
  return (
    <div className={`why is-${edge.state}`}>
      <h3>
        {edgeName(edge.id)} <small>{head}</small>
      </h3>
      <p>{text}</p>
      {edge.state !== "removed" && (
        <dl>
          <dt>Fitness</dt>
          <dd>{fitness(edge.fitness)}</dd>
          <dt>Tested</dt>
          <dd>{edge.tests}×</dd>
          {after && cost ? (
            COSTS.map(({ key, name, show }) => (
              <WhatIf key={key} name={name} change={signed(costOf(after, key) - costOf(cost, key), show)} />
            ))
          ) : (
            <WhatIf name="Costs without it" change={moment.over ? "–" : "once tested"} />
          )}
        </dl>
      )}
      <Actions {...props} edge={edge} />
    </div>
  );
}

/** The question, asked by a key from the drawing, takes the keyboard to its answer and gives it back. */
function useAnswered(acts: RefObject<HTMLDivElement | null>, asking: boolean): void {
  const from = useRef<HTMLElement | SVGElement | null>(null);
  useEffect(() => {
    const active = document.activeElement;
    if (asking && acts.current && !acts.current.contains(active)) {
      from.current = active instanceof HTMLElement || active instanceof SVGElement ? active : null;
      acts.current.querySelector<HTMLElement>("button")?.focus();
    } else if (!asking && from.current) {
      if (active === document.body || acts.current?.contains(active)) from.current.focus();
      from.current = null;
    }
  }, [acts, asking]);
}

function WhatIf({ name, change }: { name: string; change: string }) {
  return (
    <>
      <dt>{name}</dt>
      <dd>{change}</dd>
    </>
  );
}

function Actions({ edge, moment, beside, steering, asking, ask }: NoteProps & { edge: MomentEdge }) {
  const pending = beside?.pending.find((c) => c.edge === edge.id && c.status === "pending");
  const refused = steering.refused?.edge === edge.id ? steering.refused : null;
  const may = moment.head && !moment.over && edge.state !== "removed";
  const acts = useKeptFocus<HTMLDivElement>();
  useAnswered(acts, asking);
  if (!may && !refused) return null;
  return (
    <>
      {pending && (
        <p className="pending" role="status">
          {WAITING[pending.kind] ?? "Changed"} at the end of this round, asked by {pending.by}.
        </p>
      )}
      {refused && (
        <p className="refused" role="alert">
          Refused: {refused.why}
        </p>
      )}
      {may && (
        // biome-ignore lint/a11y/noStaticElementInteractions: Escape is an extra; the button "Keep" says the same
        <div
          className="acts"
          ref={acts}
          tabIndex={-1}
          onKeyDown={(event) => event.key === "Escape" && asking && ask(false)}
        >
          {asking ? (
            <>
              <button
                type="button"
                className="btn small cut"
                disabled={steering.busy}
                onClick={() => act("remove")}
              >
                Cut {edgeName(edge.id)}
              </button>
              <button type="button" className="btn small" onClick={() => ask(false)}>
                Keep
              </button>
            </>
          ) : (
            <>
              <button
                type="button"
                className="btn small"
                disabled={steering.busy || pending !== undefined}
                onClick={() => act(edge.state === "locked" ? "unlock" : "lock")}
              >
                {edge.state === "locked" ? "Unlock" : "Lock"}
              </button>
              {edge.state !== "locked" && pending?.kind !== "remove" && (
                <button type="button" className="btn small cut" onClick={() => ask(true)}>
                  {edge.state === "infeasible" ? "Force cut" : "Cut"}
                </button>
              )}
            </>
          )}
        </div>
      )}
    </>
  );

  function act(kind: "lock" | "unlock" | "remove") {
    ask(false);
    steering.send(kind, edge.id);
  }
}

const WAITING: Record<string, string> = { lock: "Locked", unlock: "Unlocked", remove: "Cut" };

function NoEdge({ moment, view, beside }: NoteProps) {
  const edges = moment.living.size;
  if (!moment.over || !moment.head) {
    return (
      <div className="why is-active">
        <h3>
          {moment.nodes.length === 0 ? "Not begun" : "No edge chosen"} <small>{edges} edges</small>
        </h3>
        <p>
          {moment.nodes.length === 0
            ? "The cell appears with the first event."
            : "Point at an edge, or walk with the arrow keys, to see why it is there and what it costs."}
        </p>
      </div>
    );
  }
  const best = view.best;
  return (
    <div className="why is-active">
      <h3>
        {best ? "Best cell" : "No cell"} <small>{best ? `step ${best.step}` : `${edges} edges left`}</small>
      </h3>
      <p>
        {sentenceOf(view.why)}
        {!best && view.status !== "cancelled" && " No cell was inside every limit, so none is kept."}
      </p>
      {best && (
        <dl>
          <dt>Validation accuracy</dt>
          <dd>{percent(best.quality)}</dd>
          {COSTS.map(({ key, name, show }) => (
            <WhatIf key={key} name={name} change={show(costOf(best.cost, key))} />
          ))}
        </dl>
      )}
      {beside?.architecture && (
        <div className="acts">
          <Link className="btn solid" to={`/architectures/${beside.architecture}`}>
            Open the architecture
          </Link>
        </div>
      )}
    </div>
  );
}

function sentenceOf(why: string): string {
  if (!why) return "The search is over.";
  const text = why.charAt(0).toUpperCase() + why.slice(1);
  return text.endsWith(".") ? text : `${text}.`;
}
