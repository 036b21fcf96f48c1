// For tests: the table of candidates that a log leads to, as the server answers it in columns.
import type { CandidateColumns, CandidatePage } from "../api/types";
import type { SearchEvent } from "../live/events";
import { apply, emptyView } from "../live/reducer";

/** The measured candidates of the log, of those that it shows. */
export function candidatePage(
  events: readonly SearchEvent[],
  filter: { after_seq?: number } = {},
): CandidatePage {
  let view = emptyView();
  const rows = [];
  for (const event of events) {
    view = apply(view, event);
    if (event.kind !== "candidates_measured") continue;
    const { branch, phase } = view;
    const seq = endOfTurn(events, event.seq);
    const { step } = event.payload;
    for (const c of view.candidates.shown.filter(({ status }) => status === "ok")) {
      const { params, macs, peak_memory, latency } = c.cost;
      const costs = { params, macs, peak_memory: peak_memory.live, latency };
      rows.push({ ...c, ...costs, branch, step, phase: phase ?? "", seq });
    }
  }
  const found = rows.filter(({ seq }) => seq > (filter.after_seq ?? 0));
  const names = Object.keys(found[0] ?? {}) as (keyof CandidateColumns)[];
  const columns = Object.fromEntries(
    names.map((name) => [name, found.map((row) => row[name as keyof typeof row])]),
  );
  return { count: found.length, seq: Math.max(0, ...found.map(({ seq }) => seq)), columns };
}

/** The last event of the turn in which results came. */
function endOfTurn(events: readonly SearchEvent[], measured: number): number {
  const ends = ({ seq, kind }: SearchEvent) =>
    seq > measured && (kind === "candidates_proposed" || kind === "search_finished");
  return events.find(ends)?.seq ?? measured;
}
