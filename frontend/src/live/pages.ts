// Reads a search over REST: its state as it is now, the page of its log around an earlier event, all events of some kinds.
import { api, unwrap } from "../api/client";
import type { EventKind, SearchEvent, Snapshot } from "./events";
import { HISTORY_KINDS } from "./history";
import type { Segment } from "./segment";

const LIMIT = 1_000; // events that the server sends at once

/** All that holds now; null before the search has started. */
export async function fetchSnapshot(id: string): Promise<Snapshot | null> {
  const { snapshot } = await unwrap(api.GET("/api/searches/{id}/snapshot", { params: { path: { id } } }));
  return snapshot as object | null as Snapshot | null;
}

/** The segment that event `seq` belongs to, up to that event. */
export async function fetchSegment(search: string, seq: number): Promise<Segment> {
  return fetchEvents(search, { at: seq });
}

/** All events of the history after `since` and before `before`. */
export async function fetchHistory(
  search: string,
  since = 0,
  before = Number.POSITIVE_INFINITY,
): Promise<SearchEvent[]> {
  const found: SearchEvent[] = [];
  for (let last = since; ; ) {
    const events = await fetchEvents(search, { since: last, limit: LIMIT, kind: [...HISTORY_KINDS] });
    found.push(...events.filter(({ seq }) => seq < before));
    const newest = events[events.length - 1];
    if (events.length < LIMIT || !newest || newest.seq >= before) return found;
    last = newest.seq;
  }
}

/** The newest events of these kinds before `before`, oldest first. */
export async function fetchEarlier(
  search: string,
  before: number,
  kind: readonly EventKind[],
  limit: number,
): Promise<SearchEvent[]> {
  return fetchEvents(search, { before, limit, kind: [...kind] });
}

interface EventQuery {
  at?: number;
  since?: number;
  before?: number;
  limit?: number;
  kind?: EventKind[];
}

async function fetchEvents(id: string, query: EventQuery): Promise<SearchEvent[]> {
  const page = await unwrap(api.GET("/api/searches/{id}/events", { params: { path: { id }, query } }));
  // The schema leaves the payload of each kind to live/events.ts.
  return page.events as object[] as SearchEvent[];
}
