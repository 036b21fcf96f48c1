// What a page keeps of a large search stays small, and folding it fast.
import { describe, expect, it } from "vitest";
import { cost, edits, LogBuilder } from "../testing/logBuilder";
import type { Candidate, NodeRow, Payloads, SearchEvent, Snapshot } from "./events";
import { apply, emptyView } from "./reducer";
import { createLiveStore, receive } from "./store";

const ROUNDS = 1_000;
const COUNT = 500;
const SHOWN = 20;
const HASH = "0123456789abcdef".repeat(4);

/** A snapshot of a graph with so many nodes and edges. */
function largeGraph(nodes: number, edges: number): Snapshot {
  const log = new LogBuilder().snapshot();
  const snapshot = log.events[log.events.length - 1]?.payload as Snapshot;
  const rows = Array.from({ length: nodes }, (_, id): NodeRow => [id, id === 0 ? "input" : "sep3", id]);
  const pairs: [number, number][] = [];
  for (let span = 1; pairs.length < edges; span += 1)
    for (let source = 0; source + span < nodes && pairs.length < edges; source += 1)
      pairs.push([source, source + span]);
  return { ...snapshot, graph: { nodes: rows, edges: pairs } };
}

function candidates(round: number): Candidate[] {
  return Array.from({ length: SHOWN }, (_, i) => ({
    id: round * COUNT + i,
    edits: edits({ edges_removed: [`${i}-${i + 1}`, `${i}-${i + 2}`], edges_added: [`${i}-${i + 9}`] }),
    parents: [i, i + 1],
    hash: HASH,
    label: `${i} edges`,
    cost: cost(i),
    feasible: true,
    why_not: null,
  }));
}

/** The events of a round of many candidates; every 50 rounds there is a snapshot. */
function* rounds(snapshot: Snapshot): Generator<SearchEvent> {
  let seq = 0;
  const at = "2026-11-24T10:00:00.000000Z";
  const event = <K extends keyof Payloads>(round: number, kind: K, payload: Payloads[K]) => {
    seq += 1;
    return { v: 2, seq, branch: 0, round, kind, at, payload } as SearchEvent;
  };
  for (let round = 0; round < ROUNDS; round += 1) {
    const step = round + 1;
    const phase = "descent" as const;
    if (round % 50 === 0)
      yield event(round, "snapshot", { ...snapshot, step: round, trained: round * COUNT });
    const about = { step, phase, count: COUNT, feasible: COUNT, refused: [], cost: cost(6), over: [] };
    const shown = candidates(round);
    yield event(round, "candidates_proposed", { ...about, shown });
    const scored = shown.map(({ id }) => ({
      id,
      status: "ok" as const,
      code: null,
      quality: 0.9,
      score: 0.9,
    }));
    yield event(round, "candidates_measured", { step, ok: COUNT, failed: 0, shown: scored });
    const change = edits(round % 2 === 0 ? { edges_removed: ["0-1"] } : { edges_added: ["0-1"] });
    const result = { score: 0.9, quality: 0.9, cost: cost(6), over: [], fits: true, edges: 6, margin: 0.01 };
    yield event(round, "step_decided", {
      step,
      phase,
      candidate: 0,
      label: "6 edges",
      edits: change,
      ...result,
    });
    const after = { cost: cost(6), over: [] };
    yield event(round, "graph_edited", { step, cause: "search", edits: change, ...after });
  }
}

it("keeps less than 2 MB of a search of 1,000 rounds of 500 candidates", () => {
  const store = createLiveStore();
  for (const event of rounds(largeGraph(16, 120)))
    receive(store, [{ type: "events", from_seq: event.seq, to_seq: event.seq, events: [event] }], 0);
  const { view, segment, history } = store.getState();
  expect([view.step, view.trained]).toEqual([ROUNDS, ROUNDS * COUNT]);
  expect(history.branches[0]?.steps).toHaveLength(ROUNDS);
  expect(JSON.stringify(history).length).toBeLessThan(1_000_000);
  expect(JSON.stringify([view, segment, history]).length).toBeLessThan(2_000_000);
});

describe("a view of 500 nodes and 5,000 edges", () => {
  const log = [...rounds(largeGraph(500, 5_000))].slice(0, 60);
  it("shares its graph with the view before, unless an event is about the graph", () => {
    let view = emptyView();
    for (const event of log) {
      const after = apply(view, event);
      const about = event.kind === "snapshot" || event.kind === "graph_edited";
      if (!about) expect([after.nodes === view.nodes, after.edges === view.edges]).toEqual([true, true]);
      if (event.kind === "graph_edited") {
        const same = after.edges.filter((edge, i) => edge === view.edges[i]).length;
        expect(same).toBeGreaterThanOrEqual(after.edges.length - 1);
        expect(after.nodes).toBe(view.nodes);
      }
      view = after;
    }
    expect([view.nodes.length, view.edges.length]).toEqual([500, 5_000]);
  });
});
