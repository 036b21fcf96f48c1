// The one fold of the log: over golden streams, from any event that needs no earlier one.
import { describe, expect, it } from "vitest";
import { goldenSnapshots, goldenStreams, readGolden } from "../testing/golden";
import type { SearchEvent, Snapshot } from "./events";
import { apply, emptyView } from "./reducer";
import type { View } from "./view";

const fold = (events: readonly SearchEvent[], from = emptyView()): View => events.reduce(apply, from);

/** What a snapshot holds: all but the open candidates and the place in the log. */
function stateOf({ candidates, refused, log, seq, branch, round, ...state }: View) {
  return state;
}

function startedAt(payload: Snapshot): View {
  const event: SearchEvent = { v: 2, seq: 1, branch: 0, round: 0, kind: "snapshot", at: "", payload };
  return fold([event]);
}

it("has golden streams to fold", () => {
  expect(goldenStreams().length).toBeGreaterThan(5);
});

describe.each(goldenStreams())("%s", (name) => {
  const events = readGolden(name);

  it("agrees with the strategy's snapshot at every moment that has one", () => {
    const snapshots = goldenSnapshots(name);
    expect(snapshots.length).toBeGreaterThan(0);
    for (const [seq, snapshot] of snapshots) {
      const folded = fold(events.filter((event) => event.seq <= seq));
      expect(stateOf(folded)).toEqual(stateOf(startedAt(snapshot)));
    }
  });

  it("ignores an event that comes twice", () => {
    expect(fold(events.flatMap((event) => [event, event]))).toEqual(fold(events));
  });

  it("never changes a view in place", () => {
    let view = emptyView();
    for (const event of events) {
      const before = JSON.stringify(view);
      const after = apply(view, event);
      expect(JSON.stringify(view)).toBe(before);
      view = after;
    }
  });
});
