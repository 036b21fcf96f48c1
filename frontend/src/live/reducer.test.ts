// The reducer and search/log/view.py end every golden stream in the same view.
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { LogBuilder } from "../testing/logBuilder";
import { bestQuality } from "./branches";
import type { Latency, Payloads, SearchEvent, View } from "./events";
import { apply, emptyView } from "./reducer";

const GOLDEN = join(import.meta.dirname, "../../../tests/fixtures/golden");
const streams = existsSync(GOLDEN) ? readdirSync(GOLDEN).filter((name) => name.endsWith(".jsonl")) : [];

function read(name: string): SearchEvent[] {
  return readFileSync(join(GOLDEN, name), "utf8")
    .split("\n")
    .filter(Boolean)
    .map((line) => JSON.parse(line));
}

function expected(name: string): View {
  return JSON.parse(readFileSync(join(GOLDEN, name.replace(/\.jsonl$/, ".view.json")), "utf8"));
}

it("has golden streams to compare with", () => {
  expect(streams.length).toBeGreaterThan(0);
});

describe.each(streams)("%s", (name) => {
  it("ends in the view that the server has", () => {
    expect(read(name).reduce(apply, emptyView())).toEqual(expected(name));
  });

  it("ends the same when it starts from any stored view", () => {
    const events = read(name);
    const whole = events.reduce(apply, emptyView());
    for (const seq of [1, Math.floor(events.length / 3), events.length - 1]) {
      const stored: View = JSON.parse(JSON.stringify(events.slice(0, seq).reduce(apply, emptyView())));
      expect(events.slice(seq).reduce(apply, stored)).toEqual(whole);
    }
  });

  it("ignores an event that comes twice", () => {
    const events = read(name);
    const twice = events.flatMap((event) => [event, event]);
    expect(twice.reduce(apply, emptyView())).toEqual(events.reduce(apply, emptyView()));
  });

  it("never changes a view in place", () => {
    let view = emptyView();
    for (const event of read(name)) {
      const before = JSON.stringify(view);
      const after = apply(view, event);
      expect(JSON.stringify(view)).toBe(before);
      view = after;
    }
  });
});

describe("latencies", () => {
  const events = read("no-limits.jsonl");
  const open = events.findIndex((event) => event.kind === "candidates_proposed") + 1;
  const view = events.slice(0, open).reduce(apply, emptyView());
  const latency = (median: number): Latency => ({
    median,
    low: median - 10,
    high: median + 10,
    repeats: 50,
    warmup: 5,
    device: "a board",
    threads: 1,
    runtime: "onnxruntime",
  });
  const payload: Payloads["candidates_timed"] = {
    step: 1,
    phase: "descent",
    timed: [
      { index: 0, latency: latency(4_000), code: null, feasible: true, why_not: null },
      { index: 1, latency: latency(9_000), code: null, feasible: false, why_not: "too slow" },
    ],
    present: latency(10_000),
    smallest: null,
    over: [{ limit: "latency", value: 10_000, allowed: 5_000 }],
  };
  const head = { v: 1, seq: view.seq + 1, branch: view.branch, round: view.round, at: "" };
  const after = apply(view, { ...head, kind: "candidates_timed", payload });

  it("are part of the costs, and candidates over the limit are not trained", () => {
    const shown = after.candidates.slice(0, 3).map((c) => [c.cost.latency, c.feasible, c.status, c.why_not]);
    expect(shown).toEqual([
      [4_000, true, "waiting", null],
      [9_000, false, "skipped", "too slow"],
      [null, true, "waiting", null],
    ]);
    expect([after.cost?.latency, after.branches[0]?.cost.latency]).toEqual([10_000, 10_000]);
    expect([after.smallest, after.over]).toEqual([view.smallest, payload.over]);
  });
});

it("keeps the lower of two perplexities, the higher of two accuracies", () => {
  const view = read("no-limits.jsonl").slice(0, 1).reduce(apply, emptyView());
  const at = (metric: View["metric"], best_quality: number): View => ({
    ...view,
    metric,
    branches: view.branches.map((branch) => ({ ...branch, best_quality })),
  });
  expect([bestQuality(at("perplexity", 120), 110), bestQuality(at("perplexity", 110), 120)]).toEqual([
    110, 110,
  ]);
  expect([bestQuality(at("accuracy", 0.8), 0.9), bestQuality(at("accuracy", 0.9), 0.8)]).toEqual([0.9, 0.9]);
});

describe("a search whose steps are not cuts", () => {
  const refused = [{ limit: "params" as const, count: 10 }];
  const round = () => new LogBuilder("random").proposeCells(["3 edges", null], refused).score(0, 0.9);

  it("keeps what a candidate is, and the refused draws of the round", () => {
    const { view } = round();
    expect(view.candidates.map(({ edge, label }) => [edge, label])).toEqual([
      [null, "3 edges"],
      [null, null],
    ]);
    expect(view.refused).toEqual(refused);
    expect(round().replaceCell("3 edges").view.refused).toEqual([]);
  });
  it("keeps what a step is and what it tested", () => {
    const [step] = round().replaceCell("3 edges", { removed: ["0-1", "1-2", "1-3"] }).view.history;
    expect([step?.edge, step?.label, step?.edges]).toEqual([null, "3 edges", 3]);
    expect(step?.tested.map(({ edge, label, score }) => [edge, label, score])).toEqual([
      [null, "3 edges", 0.9],
      [null, null, null],
    ]);
  });
  it("changes operations and brings edges back", () => {
    const log = new LogBuilder("evolution").replaceCell("removes 0-3", { removed: ["0-3"] });
    const { view } = log.replaceCell("adds 0-3", { added: ["0-3"], ops: { 2: "sep3" } });
    expect(view.nodes.find(({ id }) => id === 2)?.op).toBe("sep3");
    expect(view.edges.find(({ id }) => id === "0-3")).toMatchObject({ state: "active", step: null });
  });
  it("gives single edges no evidence", () => {
    const { view } = round().replaceCell("3 edges");
    expect(view.edges.every(({ tests }) => tests === 0)).toBe(true);
  });
});

it("starts with the cost weight of the objective", () => {
  expect(new LogBuilder().view.weight).toBe(0.1);
});
