import { describe, expect, it } from "vitest";
import { formatQuality } from "../format/numbers";
import type { Budget, SearchEvent } from "../live/events";
import { emptyHistory, recall } from "../live/history";
import { decisionAt, lineOf } from "../live/line";
import { apply, emptyView } from "../live/reducer";
import type { LogLine, View } from "../live/view";
import { readGolden } from "../testing/golden";
import { BUDGET, edits, LogBuilder } from "../testing/logBuilder";
import { announcement } from "./announcement";
import { describeApplied, describeRequest } from "./commandText";
import { describeEvent, describeLog } from "./eventText";
import { edgeLabel, explainEdge, explainNode, formatImportance, nodeLabel, testCount } from "./explanation";
import { momentOf } from "./moment";

const events = readGolden("steered");
const fold = (all: readonly SearchEvent[]): View => all.reduce(apply, emptyView());
const view = fold(events);
const history = events.reduce(recall, emptyHistory());
const line = lineOf(history, view.branch);

const logLine = (change: Partial<LogLine>): LogLine => ({
  seq: 1,
  at: "2026-11-24T10:00:00Z",
  branch: 0,
  round: 0,
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
  label: null,
  score: null,
  edits: null,
  changes: null,
  ...change,
});

it("an edge of an earlier step was tested as often as its log says", () => {
  const stream = readGolden("no-limits");
  const decided = stream.findIndex(({ kind }) => kind === "step_decided");
  const past = fold(stream.slice(0, decided));
  const moment = momentOf(past, null, null);
  const tests = moment.edges.map((edge) => testCount(edge, moment));
  expect(tests).toEqual(past.edges.map((edge) => edge.tests));
  expect(Math.max(...tests)).toBe(1);
});

describe("an edge", () => {
  const moment = momentOf(view, null, null);
  it("says who cut it, or with what it collapsed", () => {
    const text = (id: string) => {
      const edge = moment.edges.find((e) => e.id === id);
      return edge && explainEdge(edge, moment, view, line).text;
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
    const decided = decisionAt(line, 1);
    const then = fold(events.filter(({ seq }) => seq < (decided?.seq ?? 0)));
    const step = momentOf(then, decided ?? null, null);
    const next = step.edges.find((e) => e.state === "next");
    if (!next) throw new Error("no step was decided");
    expect(explainEdge(next, step, then, line).head).toBe("why this cut");
    expect(explainEdge(next, step, then, line).text).toMatch(/^Score without this edge: \d/);
  });
});

describe("the log", () => {
  it("has one line per change: the decision for a cut, the command for a lock", () => {
    const kinds = describeLog(view).map(({ line: l }) => l.kind);
    expect(kinds).not.toContain("edge_locked");
    expect(kinds).not.toContain("graph_edited");
    expect(kinds.filter((k) => k === "step_decided")).toHaveLength(view.step);
  });
  it("says with a cut what went with it", () => {
    const details = describeLog(view).map(({ words }) => `${words.text}: ${words.detail}`);
    expect(
      details.some((text) =>
        /^cut 0→1: .*node 1 and 4 edges removed too: they had no input left$/.test(text),
      ),
    ).toBe(true);
    expect(details).toContainEqual(
      expect.stringMatching(/^0→2 cut: score .*; node 2 and 3 edges removed too: they had no input left$/),
    );
  });
  it("has a line of its own for a change whose decision is not among the lines", () => {
    const cut = logLine({ kind: "graph_edited", cause: "search", edits: edits({ edges_removed: ["2-5"] }) });
    expect(describeEvent(cut)?.text).toBe("Cut 2→5");
  });
  it("shows the change of the score since the previous decision", () => {
    const before = logLine({ score: 0.95 });
    const cut = logLine({ edits: edits({ edges_removed: ["2-5"] }), score: 0.96 });
    expect(describeEvent(cut, { before })?.detail).toBe("score 0.9600, +0.0100");
    expect(describeEvent(cut)?.detail).toBe("score 0.9600");
  });
  it("says why a command was refused", () => {
    const refused = logLine({
      kind: "command_refused",
      command: "remove",
      edge: "0-1",
      by: "Rev",
      why: "it is locked",
    });
    expect(describeEvent(refused)).toEqual({
      icon: "refused",
      actor: "Rev",
      text: "asked to cut 0→1: refused",
      detail: "it is locked",
    });
  });
});

const announce = (story: LogBuilder) => announcement(story.view, story.history);

describe("a search that replaces its cell", () => {
  const story = () =>
    new LogBuilder("evolution")
      .proposeCells(["removes 0-3"], [])
      .score(0.9)
      .replaceCell("removes 0-3", { removed: ["0-3"], ops: { 2: "sep3" } });
  const explained = (id: string) => {
    const { view: now, line: own } = story();
    const moment = momentOf(now, null, null);
    const edge = moment.edges.find((each) => each.id === id);
    if (!edge) throw new Error(`there is no edge ${id}`);
    return { ...explainEdge(edge, moment, now, own), label: edgeLabel(edge, moment) };
  };
  it("has one line per step, with what the new cell is", () => {
    const log = story().replaceCell(null);
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
    expect(announce(story())).toBe("Step 1. New cell: removes 0 to 3. The cell fits all limits.");
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
  const running = fold(events.slice(0, events.findIndex((e) => e.kind === "step_decided") + 1));
  const until = events.filter(({ seq }) => seq <= running.seq).reduce(recall, emptyHistory());
  it("name the step, the edge and the excess over a limit", () => {
    const over = [{ limit: "params" as const, value: 125_800, allowed: 80_000 }];
    expect(announcement({ ...running, over }, until)).toMatch(
      / Step 1\. Edge \d+ to \d+ cut\. Parameters 126\sk, limit 80\sk, 57% over\.$/,
    );
    const budget = { ...(running.budget as Budget), params: 1_000_000 };
    expect(announcement({ ...running, budget, over: [] }, until)).toMatch(/The cell fits all limits\.$/);
    expect(announcement({ ...running, over: [] }, until)).toMatch(/ cut\.$/);
  });
  it("include the outcomes of commands with the next step", () => {
    const story = new LogBuilder()
      .command("lock", { edge: "0-2" })
      .refuse("remove", { edge: "0-2" }, "it is locked");
    story.decide("1-2");
    expect(announce(story)).toMatch(
      /^Yan locked 0 to 2\. Yan asked to cut 0 to 2: refused: it is locked\. Step 1\. Edge 1 to 2 cut\./,
    );
    expect(announce(story.decide("1-3"))).toMatch(/^Step 2\./);
  });
  it("include a pending command", () => {
    const { view: now, history: own } = new LogBuilder();
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
      workers: [],
      left: { steps: null, seconds: null },
      measuring: null,
      candidates: 0,
      seq: 0,
      architecture: null,
    };
    expect(announcement(now, own, { ...telemetry, pending: [command] })).toBe(
      "Rev asked to cut node 2. It applies when this step ends.",
    );
  });
  it("say how the search ended", () => {
    const quality = formatQuality(view.answer?.quality, view.metric);
    expect(announcement(view, history)).toBe(
      `Search ${view.status} after ${view.step} steps. Its answer: accuracy ${quality}.`,
    );
    expect(announce(new LogBuilder().decide("0-3").finish(null))).toBe(
      "Search finished after 1 step. It has no answer.",
    );
  });
  it("say that the finalists train", () => {
    const log = new LogBuilder().decide("0-3").trainFinalists(["5 edges of step 1"]);
    expect(announce(log)).toBe(
      "The steps are done. The best cell that fits is trained once more, from scratch and longer. It becomes the answer.",
    );
  });
});

it("names the width of a node", () => {
  const story = new LogBuilder("growth").replaceCell(null, { widths: { 1: 48 } });
  const labels = momentOf(story.view, null, null).nodes.map(nodeLabel);
  expect(labels.slice(0, 2)).toEqual(["Node 0, input, active", "Node 1, sep3, width 48, active"]);
  expect(describeLog(story.view)[0]?.words.text).toBe("Changed node 1 to width 48");
  const wider = story.replaceCell(null, { widths: { 1: 64 } });
  expect(describeLog(wider.view)[0]?.words.text).toBe("Widened node 1 to 64");
});

it("shows importance in points for accuracy, and as a score for perplexity", () => {
  expect(formatImportance(0.0123, "accuracy")).toBe("+1.23\u202fpt");
  expect(formatImportance(-0.0123, "perplexity")).toBe("−0.0123");
  expect(formatImportance(null, "perplexity")).toBe("not tested yet");
});

it("says of a block of a chain how wide and deep it is, and that a lock keeps it", () => {
  const { view, line } = new LogBuilder();
  const attrs = { bottleneck: 16, filters: 64, layers: 3, stride: 2 };
  const nodes = view.nodes.map((node) => (node.id === 2 ? { ...node, op: "k7e4", attrs } : node));
  const explained = (locked: boolean) => {
    const moment = momentOf(
      { ...view, nodes: nodes.map((node) => (node.id === 2 ? { ...node, locked } : node)) },
      null,
      null,
    );
    const node = moment.nodes.find(({ id }) => id === 2);
    if (!node) throw new Error("the chain has no block 2");
    return { ...explainNode(node, moment, line), label: nodeLabel(node) };
  };
  const sizes = "kernel 7, expansion 4, 64 channels, bottleneck 16, 3 layers, stride 2";
  expect(explained(false)).toEqual({
    head: "k7 e4",
    text: "Kernel 7, expansion 4, 64 channels, bottleneck 16, 3 layers, stride 2.",
    label: `Block 2, ${sizes}, active`,
  });
  expect(explained(true).text).toMatch(/^The search does not change this block\. Kernel 7/);
});
