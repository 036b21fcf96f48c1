import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { formatQuality } from "../format/numbers";
import type { Budget, LogLine, SearchEvent, View } from "../live/events";
import { apply, emptyView } from "../live/reducer";
import { BUDGET, LogBuilder } from "../testing/logBuilder";
import { announcement } from "./announcement";
import { describeApplied, describeRequest } from "./commandText";
import { describeEvent, describeLog } from "./eventText";
import { edgeLabel, explainEdge, formatImportance } from "./explanation";
import { momentOf } from "./moment";

const GOLDEN = join(import.meta.dirname, "../../../tests/fixtures/golden");
const events: SearchEvent[] = readFileSync(join(GOLDEN, "steered.jsonl"), "utf8")
  .split("\n")
  .filter(Boolean)
  .map((line) => JSON.parse(line));
const view: View = events.reduce(apply, emptyView());

const line = (change: Partial<LogLine>): LogLine => ({
  seq: 1,
  at: "2026-11-24T10:00:00Z",
  kind: "step_decided",
  step: null,
  edge: null,
  node: null,
  budget: null,
  weight: null,
  cause: null,
  command: null,
  by: null,
  reason: null,
  why: null,
  score: null,
  ...change,
});

describe("an edge", () => {
  const moment = momentOf(view, null, null);
  it("says who cut it, or with what it collapsed", () => {
    const text = (id: string) => {
      const edge = moment.edges.find((e) => e.id === id);
      return edge && explainEdge(edge, moment, view).text;
    };
    expect(text("0-1")).toMatch(/^Cut manually by .+\.$/);
    expect(text("1-2")).toBe("Removed with 0→1, which was cut manually, because it had no input left.");
    expect(text("2-3")).toBe("Removed with 0→2, because it had no input left.");
  });
  it("has a label with its state", () => {
    const gone = moment.edges.find((e) => e.state === "removed" && e.cause === "search");
    if (!gone) throw new Error("nothing was cut");
    expect(edgeLabel(gone, moment)).toMatch(/^Edge \d+ to \d+, cut at step \d+$/);
    const active = { ...gone, state: "active" as const, cutAt: null, tests: 1 };
    expect(edgeLabel(active, { candidates: [], cuts: true })).toMatch(/, active, tested 1 time$/);
  });
  it("explains why it leads, and later why it was chosen", () => {
    const step = momentOf(view, null, 0);
    const next = step.edges.find((e) => e.state === "next");
    if (!next) throw new Error("no step was decided");
    expect(explainEdge(next, step, view).head).toBe("why this cut");
    expect(explainEdge(next, step, view).text).toMatch(/^Score without this edge: \d/);
  });
});

describe("the log", () => {
  it("has one line per change: the decision for a cut, the command for a lock", () => {
    const kinds = describeLog(view).map(({ line: l }) => l.kind);
    expect(kinds).not.toContain("edge_locked");
    expect(kinds.filter((k) => k === "step_decided")).toHaveLength(view.step);
  });
  it("shows the change of the score since the previous decision", () => {
    const before = line({ score: 0.95 });
    expect(describeEvent(line({ edge: "2-5", score: 0.96 }), before)?.detail).toBe("score 0.9600, +0.0100");
    expect(describeEvent(line({ edge: "2-5", score: 0.96 }), undefined)?.detail).toBe("score 0.9600");
  });
  it("says why a command was refused", () => {
    const refused = line({
      kind: "command_refused",
      command: "remove",
      edge: "0-1",
      by: "Rev",
      why: "it is locked",
    });
    expect(describeEvent(refused, undefined)).toEqual({
      icon: "refused",
      actor: "Rev",
      text: "asked to cut 0→1: refused",
      detail: "it is locked",
    });
  });
});

describe("a search that replaces its cell", () => {
  const story = () =>
    new LogBuilder("evolution")
      .proposeCells(["removes 0-3"], [])
      .score(0, 0.9)
      .replaceCell("removes 0-3", { removed: ["0-3"], ops: { 2: "sep3" } });
  const explained = (id: string) => {
    const { view: now } = story();
    const moment = momentOf(now, null, null);
    const edge = moment.edges.find((each) => each.id === id);
    if (!edge) throw new Error(`there is no edge ${id}`);
    return { ...explainEdge(edge, moment, now), label: edgeLabel(edge, moment) };
  };
  it("has one line per step, with what the new cell is", () => {
    const log = story().replaceCell("no change");
    const texts = (now: View) => describeLog(now).map(({ words }) => words.text);
    expect(texts(log.view)).toEqual(["No change", "New cell: removes 0→3", "Search started"]);
    expect(texts(log.rollBack(1).replaceCell("adds 0-3", { added: ["0-3"] }).view)).toEqual([
      "New cell: adds 0→3",
      "New branch from step 1",
      "rolled back to step 1",
      "No change",
      "New cell: removes 0→3",
      "Search started",
    ]);
  });
  it("announces the new cell", () => {
    expect(announcement(story().view)).toBe("Step 1. New cell: removes 0 to 3. The cell fits all limits.");
  });
  it("says of an edge that is gone which cell was chosen", () => {
    expect(explained("0-3")).toEqual({
      head: "removed at step 1",
      text: "Not in the cell that the search chose at step 1: removes 0→3, score 0.9000.",
      label: "Edge 0 to 3, removed at step 1",
    });
  });
  it("promises no test of a single edge", () => {
    expect(explained("0-1")).toEqual({
      head: "active",
      text: "This strategy compares whole cells and tests no single edge.",
      label: "Edge 0 to 1, active",
    });
  });
});

describe("commands", () => {
  const content = { kind: "lock" as const, edge: null, node: null, budget: null, weight: null, step: null };
  it("have text for every kind, as a request and as applied", () => {
    const budget = { ...BUDGET, macs: 1_500_000 };
    const pairs = [
      { ...content, edge: "0-1" },
      { ...content, kind: "unlock" as const, node: 3 },
      { ...content, kind: "remove" as const, node: 3 },
      { ...content, kind: "restore" as const, edge: "0-1" },
      { ...content, kind: "set_budget" as const, budget },
      { ...content, kind: "set_weight" as const, weight: 0.2 },
      { ...content, kind: "rollback" as const, step: 3 },
    ].map((each) => [describeRequest(each), describeApplied(each)]);
    expect(pairs).toEqual([
      ["asked to lock 0→1", "locked 0→1"],
      ["asked to unlock node 3", "unlocked node 3"],
      ["asked to cut node 3", "cut node 3"],
      ["asked to restore 0→1", "restored 0→1"],
      [
        "asked for limits: parameters ≤ 60\u202fk, MACs ≤ 1.5\u202fM",
        "set limits: parameters ≤ 60\u202fk, MACs ≤ 1.5\u202fM",
      ],
      ["asked for a cost weight of 0.2", "set the cost weight to 0.2"],
      ["asked to roll back to step 3", "rolled back to step 3"],
    ]);
  });
});

describe("announcements", () => {
  const decided = events.findIndex((e) => e.kind === "step_decided") + 1;
  const running = events.slice(0, decided).reduce(apply, emptyView());
  it("name the step, the edge and the excess over a limit", () => {
    const over = [{ limit: "params" as const, value: 125_800, allowed: 80_000 }];
    expect(announcement({ ...running, over })).toMatch(
      / Step 1\. Edge \d+ to \d+ cut\. Parameters 126\sk, limit 80\sk, 57% over\.$/,
    );
    const budget = { ...(running.budget as Budget), params: 1_000_000 };
    expect(announcement({ ...running, budget, over: [] })).toMatch(/The cell fits all limits\.$/);
    expect(announcement({ ...running, over: [] })).toMatch(/ cut\.$/);
  });
  it("include the outcomes of commands with the next step", () => {
    const story = new LogBuilder()
      .command("lock", { edge: "0-2" })
      .refuse("remove", { edge: "0-2" }, "it is locked");
    story.decide("1-2");
    expect(announcement(story.view)).toMatch(
      /^Yan locked 0 to 2\. Yan asked to cut 0 to 2: refused: it is locked\. Step 1\. Edge 1 to 2 cut\./,
    );
    expect(announcement(story.decide("1-3").view)).toMatch(/^Step 2\./);
  });
  it("include a pending command", () => {
    const { view: now } = new LogBuilder();
    const command = {
      ...{ id: 4, kind: "remove" as const, edge: null, node: 2, budget: null, weight: null, step: null },
      ...{ by: "Rev", reason: "", status: "pending" as const, why: "", created_at: "2026-11-24T10:00:01Z" },
      decided_at: null,
    };
    const telemetry = {
      status: "running" as const,
      waiting: null,
      error: null,
      counts: { queued: 0, running: 0, done: 0 },
      work: [],
      measuring: null,
      architecture: null,
    };
    expect(announcement(now, { ...telemetry, pending: [command] })).toBe(
      "Rev asked to cut node 2. It applies when this step ends.",
    );
  });
  it("say how the search ended", () => {
    const quality = formatQuality(view.best?.quality, view.metric);
    expect(announcement(view)).toBe(
      `Search ${view.status} after ${view.step} steps. Its answer: accuracy ${quality}.`,
    );
    expect(announcement(new LogBuilder().decide("0-3").finish(null).view)).toBe(
      "Search finished after 1 step. It has no answer.",
    );
  });
  it("say that the finalists train", () => {
    const log = new LogBuilder().decide("0-3").trainFinalists(["5 edges of step 1"]);
    expect(announcement(log.view)).toBe(
      "The steps are done. The best cell that fits is trained once more, from scratch and longer. It becomes the answer.",
    );
  });
});

it("shows importance in points for accuracy, and as a score for perplexity", () => {
  expect(formatImportance(0.0123, "accuracy")).toBe("+1.23\u202fpt");
  expect(formatImportance(-0.0123, "perplexity")).toBe("−0.0123");
  expect(formatImportance(null, "perplexity")).toBe("not tested yet");
});
