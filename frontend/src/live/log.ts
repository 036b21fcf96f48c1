// The lines of the list of events.
import { nodeChanges } from "./edits";
import type { EventKind, SearchEvent } from "./events";
import type { LogLine, Parts } from "./view";

/** Kinds in the list. Proposals and results are shown elsewhere; locks and limits follow from a command. */
export const LOGGED: readonly EventKind[] = [
  "search_started",
  "graph_edited",
  "step_decided",
  "command_applied",
  "command_refused",
  "branch_opened",
  "search_finished",
];
const kinds: ReadonlySet<EventKind> = new Set(LOGGED);

/** The line of an event, if it has one. `before`: the graph that its edits change, if that is known. */
export function logLine(event: SearchEvent, before: Parts | null): LogLine | null {
  if (!kinds.has(event.kind)) return null;
  const p: Partial<LogLine> = event.payload as Partial<LogLine>;
  const steered = event.kind === "command_applied" || event.kind === "command_refused";
  const edited = event.kind === "graph_edited" ? event.payload.edits : null;
  return {
    seq: event.seq,
    at: event.at,
    branch: event.branch,
    round: event.round,
    kind: event.kind,
    command: steered ? event.payload.kind : null,
    step: event.kind === "branch_opened" ? event.payload.snapshot.step : (p.step ?? null),
    edge: p.edge ?? null,
    node: p.node ?? null,
    budget: p.budget ?? null,
    weight: p.weight ?? null,
    by: p.by ?? null,
    reason: p.reason ?? null,
    why: p.why ?? null,
    label: p.label ?? null,
    score: p.score ?? null,
    edits: p.edits ?? null,
    cause: p.cause ?? null,
    changes: edited && before && nodeChanges(edited, before.nodes),
  };
}
