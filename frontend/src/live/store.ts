// The live state of one search: what is folded from its log, telemetry, and the connection. Only the reducers change the
// view and the history.
import { createStore } from "zustand/vanilla";
import type { Command } from "../api/types";
import type { SearchEvent } from "./events";
import { emptyHistory, type History, isHistoric, recall } from "./history";
import type { ServerMessage, Telemetry } from "./messages";
import { apply, emptyView, isSelfContained } from "./reducer";
import { extended, type Segment } from "./segment";
import type { LinkState, Verdict } from "./socket";
import type { View } from "./view";

/** Events of the history that the socket skipped, because it started at a snapshot. They are read over REST. */
export interface Gap {
  /** the last event before the gap */
  readonly since: number;
  /** the first event after it */
  readonly before: number;
}

interface Folded {
  view: View;
  /** the events since the last one that is self-contained */
  segment: Segment;
  /** while there is a gap: only what the socket sent after it */
  history: History;
  gap: Gap | null;
  /** the history before the gap, and the events of the history after it */
  known: History;
  recent: readonly SearchEvent[];
}

export interface LiveState extends Folded {
  telemetry: Telemetry | null;
  /** the request that left the pending ones last, unless another one was made since */
  left: Command | null;
  link: LinkState;
  /** in ms */
  lastMessageAt: number | null;
}

export type LiveStore = ReturnType<typeof createLiveStore>;

export function createLiveStore() {
  return createStore<LiveState>()(() => ({
    view: emptyView(),
    segment: [],
    history: emptyHistory(),
    gap: null,
    known: emptyHistory(),
    recent: [],
    telemetry: null,
    left: null,
    link: "connecting",
    lastMessageAt: null,
  }));
}

/** Applies a batch to the store as one change. A gap means that a message was lost, unless a self-contained event ends it. */
export function receive(
  store: LiveStore,
  messages: readonly ServerMessage[],
  now: number,
): Verdict | undefined {
  const { telemetry: before, left: former, link: _, lastMessageAt: __, ...state } = store.getState();
  let folded: Folded = state;
  let telemetry = before;
  let left = former;
  let verdict: Verdict | undefined;
  for (const message of messages) {
    if (message.type === "telemetry") {
      left = leaving(telemetry?.pending ?? [], message.pending, left);
      telemetry = message;
      continue;
    }
    const events = message.events.filter(({ seq }) => seq > folded.view.seq);
    const [first] = events;
    if (!first) continue;
    const skips = first.seq > folded.view.seq + 1;
    if (skips && !isSelfContained(first)) {
      verdict = "again";
      break;
    }
    folded = withEvents(skips ? withGap(folded, first.seq) : folded, events);
  }
  store.setState({ ...folded, telemetry, left, lastMessageAt: now });
  return verdict;
}

/** The log says whether it was decided; if it was not, somebody undid it. */
function leaving(
  before: readonly Command[],
  now: readonly Command[],
  former: Command | null,
): Command | null {
  const isIn = (list: readonly Command[]) => (command: Command) => list.some(({ id }) => id === command.id);
  if (!now.every(isIn(before))) return null;
  return before.find((command) => !isIn(now)(command)) ?? former;
}

/** Adds the events of the history that were missing. */
export function fillGap(store: LiveStore, gap: Gap, missing: readonly SearchEvent[]): void {
  const { gap: now, known, recent } = store.getState();
  if (now?.since !== gap.since || now.before !== gap.before) return;
  const history = [...missing, ...recent].reduce(recall, known);
  store.setState({ history, gap: null, known: emptyHistory(), recent: [] });
}

function withGap(folded: Folded, before: number): Folded {
  const since = folded.gap?.since ?? folded.view.seq;
  const known = folded.gap ? folded.known : folded.history;
  // Lines of the list of events must follow one another: those before the gap are read again on demand.
  const view = { ...folded.view, log: [] };
  return { ...folded, view, gap: { since, before }, known, history: emptyHistory(), recent: [] };
}

function withEvents(folded: Folded, events: readonly SearchEvent[]): Folded {
  const historic = events.filter(isHistoric);
  return {
    ...folded,
    view: events.reduce(apply, folded.view),
    segment: extended(folded.segment, events),
    history: historic.reduce(recall, folded.history),
    recent: folded.gap ? [...folded.recent, ...historic] : folded.recent,
  };
}
