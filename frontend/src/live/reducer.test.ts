// The one fold of the log: over golden streams, from any event that needs no earlier one.
import { describe, expect, it } from "vitest";
import { goldenSnapshots, goldenStreams, readGolden } from "../testing/golden";
import { LogBuilder, latency } from "../testing/logBuilder";
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

describe("the latency of the present graph", () => {
  it("is unknown once a round did not measure it on the present machine", () => {
    const log = new LogBuilder().measureLatencies([1_500], 2_000);
    const timed = log.events.findLast((event) => event.kind === "candidates_timed");
    if (timed?.kind !== "candidates_timed") throw new Error("nothing was measured");
    const seq = log.view.seq + 1;
    const known = apply(log.view, {
      ...timed,
      seq,
      payload: { ...timed.payload, present: latency(1_700) },
    });
    expect(known.cost?.latency).toBe(1_700);
    expect(apply(known, { ...timed, seq: seq + 1 }).cost?.latency).toBeNull();
  });
});

describe("the candidates of a round", () => {
  it("are open until the step is decided", () => {
    const log = new LogBuilder("random").proposeCells(["3 edges", null], [{ limit: "params", count: 10 }]);
    expect(log.score(0.9).view.candidates.shown.map(({ status, score }) => [status, score])).toEqual([
      ["ok", 0.9],
      ["waiting", null],
    ]);
    expect(log.view.refused).toEqual([{ limit: "params", count: 10 }]);
    const decided = log.replaceCell(null).events.findLastIndex(({ kind }) => kind === "step_decided") + 1;
    const after = fold(log.events.slice(0, decided));
    expect([after.candidates.count, after.refused]).toEqual([0, []]);
  });
  it("are counted, also those that the log does not show", () => {
    const { candidates } = new LogBuilder("random").proposeMany(500).view;
    expect([candidates.count, candidates.feasible, candidates.shown.length]).toEqual([500, 500, 20]);
  });
  it("have the latencies that were measured, and those over the limit are not trained", () => {
    const { view } = new LogBuilder().measureLatencies([1_500, 2_600, 1_200, 1_300, 1_400, 1_100], 2_000);
    const [first, second] = view.candidates.shown;
    expect([first?.cost.latency, first?.status, view.candidates.feasible]).toEqual([1_500, "waiting", 5]);
    expect([second?.feasible, second?.status, second?.latency?.median]).toEqual([false, "skipped", 2_600]);
  });
});

describe("a search that replaces its cell", () => {
  it("changes operations and widths, and brings edges back", () => {
    const log = new LogBuilder("evolution").replaceCell("removes 0-3", { removed: ["0-3"] });
    const { view } = log.replaceCell("adds 0-3", { added: ["0-3"], ops: { 2: "sep3" }, widths: { 1: 48 } });
    expect(view.nodes.map(({ op, attrs }) => [op, attrs])).toEqual([
      ["input", {}],
      ["sep3", { width: 48 }],
      ["sep3", {}],
      ["sep3", {}],
    ]);
    expect(view.edges.find(({ id }) => id === "0-3")).toMatchObject({ state: "active", step: null });
  });
  it("says in its lines what became of the nodes", () => {
    const log = new LogBuilder("growth").replaceCell(null, { widths: { 1: 32 } });
    log.replaceCell(null, { widths: { 1: 48 } });
    const changes = log.view.log.flatMap((line) => line.changes ?? []);
    expect(changes).toEqual([
      { node: 1, was: { op: "sep3", attrs: {} }, is: { op: "sep3", attrs: { width: 32 } } },
      { node: 1, was: { op: "sep3", attrs: { width: 32 } }, is: { op: "sep3", attrs: { width: 48 } } },
    ]);
  });
});

it("keeps the newest lines alone", () => {
  const log = new LogBuilder();
  for (let i = 0; i < 150; i += 1) log.command(i % 2 === 0 ? "lock" : "unlock", { edge: "0-1" });
  expect(log.view.log).toHaveLength(100);
  expect(log.view.log.at(-1)).toMatchObject({ kind: "command_applied", command: "unlock" });
});

it("ignores kinds that it does not know", () => {
  const { view, events } = new LogBuilder();
  const strange = { ...events[0], seq: view.seq + 1, kind: "population_summarised", payload: { best: 1 } };
  expect(apply(view, strange as unknown as SearchEvent)).toEqual({ ...view, seq: view.seq + 1 });
});

it("starts with the cost weight of the objective", () => {
  expect(new LogBuilder().view.weight).toBe(0.1);
});
