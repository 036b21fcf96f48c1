// A segment of the log: an event that is self-contained, and those that follow it up to the next such event.
import type { SearchEvent } from "./events";
import { apply, emptyView, isSelfContained } from "./reducer";
import type { View } from "./view";

export type Segment = readonly SearchEvent[];

/** The segment after more events: a newer event that is self-contained begins a new one. */
export function extended(segment: Segment, events: readonly SearchEvent[]): Segment {
  const start = events.findLastIndex(isSelfContained);
  return start < 0 ? [...segment, ...events] : events.slice(start);
}

/** The view that was asked for last, by the first event of its segment: steps are mostly looked at in order. */
const lastViews = new WeakMap<SearchEvent, View>();

/** The view after event `seq`; null if that lies before the segment. */
export function viewAt(segment: Segment, seq: number): View | null {
  const [first] = segment;
  if (!first || first.seq > seq) return null;
  const known = lastViews.get(first);
  let view = known && known.seq <= seq ? known : emptyView();
  for (const event of segment) {
    if (event.seq > seq) break;
    view = apply(view, event);
  }
  lastViews.set(first, view);
  return view;
}
