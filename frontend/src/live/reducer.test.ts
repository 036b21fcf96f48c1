// The one fold of the log: over golden streams, from any event that needs no earlier one.
import { describe, expect, it } from "vitest";
import { goldenSnapshots, goldenStreams, readGolden } from "../testing/golden";
import { LogBuilder, latency } from "../testing/logBuilder";
import { allDrawn } from "./draws";
import type { SearchEvent, Snapshot } from "./events";
import { apply, emptyView } from "./reducer";
import type { View } from "./view";

const fold = (events: readonly SearchEvent[], from = emptyView()): View => events.reduce(apply, from);

/** What a snapshot holds: all but the open candidates and the place in the log. */
function stateOf({ candidates, draws, log, seq, branch, round, ...state }: View) {
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
    expect(log.view.draws.step).toEqual({ count: 12, refused: [{ limit: "params", count: 10 }] });
    const decided = log.replaceCell(null).events.findLastIndex(({ kind }) => kind === "step_decided") + 1;
    const after = fold(log.events.slice(0, decided));
    expect([after.candidates.count, after.draws.step.count]).toEqual([0, 0]);
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

describe("the draws", () => {
  const macs = (count: number) => ({ limit: "macs" as const, count });
  const rules = (count: number) => ({ limit: "rules" as const, count });
  /** Two draws of which `refused` were refused are proposed, scored and decided. */
  const step = (log: LogBuilder, ...refused: Parameters<LogBuilder["proposeCells"]>[1]) =>
    log.proposeCells(["3 edges", "4 edges"], refused).score(0.9, 0.8).replaceCell(null);

  it("are summed over the steps, the most frequent reason first", () => {
    // Each decided step is followed by a proposal of one candidate.
    const log = step(step(new LogBuilder("zico"), rules(3)), macs(10), rules(1));
    expect(allDrawn(log.view.draws)).toEqual({ count: 2 + 3 + 2 + 11 + 1, refused: [macs(10), rules(4)] });
    expect([log.view.draws.since, log.view.draws.step]).toEqual([0, { count: 1, refused: [] }]);
  });
  it("of a step that is drawn again count on in the step, as its events do", () => {
    const log = new LogBuilder("zico")
      .proposeCells(["3 edges"], [macs(2)])
      .proposeCells(["4 edges"], [macs(5)]);
    expect(log.view.draws.step).toEqual({ count: 6, refused: [macs(5)] });
  });
  it("of a round whose results decided nothing are those of a step before", () => {
    const log = new LogBuilder("zico").proposeCells(["3 edges"], [macs(2)]).score(0.9);
    log.proposeCells(["4 edges"], [macs(5)]);
    expect(allDrawn(log.view.draws)).toEqual({ count: 3 + 6, refused: [macs(7)] });
  });
  it("are the same after the end, to which finalists add none", () => {
    const log = step(new LogBuilder("zico"), macs(10)).score(0.9);
    const before = allDrawn(log.view.draws);
    log
      .trainFinalists(["3 edges"])
      .score(0.97)
      .finish({ edges: ["0-1"], step: 1, quality: 0.97 });
    expect(allDrawn(log.view.draws)).toEqual(before);
  });
  it("begin at a snapshot, and at the step that a rollback returned to", () => {
    const log = step(step(new LogBuilder("zico"), macs(10)), macs(20)).snapshot();
    step(log, macs(1));
    const start = log.events.findIndex(({ kind }) => kind === "snapshot");
    const { draws } = fold(log.events.slice(start));
    expect([draws.since, allDrawn(draws).refused]).toEqual([2, [macs(1)]]);
    expect(log.rollBack(1).view.draws).toMatchObject({ since: 1, before: { count: 0 } });
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
