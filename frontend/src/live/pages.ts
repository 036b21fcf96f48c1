// Reads the log of a search over REST: the page around an earlier event, and all events of some kinds.
import { api, unwrap } from "../api/client";
import type { EventKind, SearchEvent } from "./events";
import { HISTORY_KINDS } from "./history";
import type { Segment } from "./segment";

const LIMIT = 1_000; // events that the server sends at once

/** The segment that event `seq` belongs to, up to that event. */
export async function fetchSegment(search: string, seq: number): Promise<Segment> {
  const { events } = await fetchEvents(search, { at: seq });
  return events as SearchEvent[];
}

/** All events of the history after `since` and before `before`. */
export async function fetchHistory(
  search: string,
  since = 0,
  before = Number.POSITIVE_INFINITY,
): Promise<SearchEvent[]> {
  const found: SearchEvent[] = [];
  for (let last = since; ; ) {
    const page = await fetchEvents(search, { since: last, limit: LIMIT, kind: [...HISTORY_KINDS] });
    const events = page.events as SearchEvent[];
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
  const { events } = await fetchEvents(search, { before, limit, kind: [...kind] });
  return events as SearchEvent[];
}

function fetchEvents(id: string, query: Record<string, number | string[]>) {
  return unwrap(api.GET("/api/searches/{id}/events", { params: { path: { id }, query } }));
}
