// The history of a search, and the line of each of its branches.
import { describe, expect, it } from "vitest";
import { goldenStreams, readGolden } from "../testing/golden";
import { cost, LogBuilder } from "../testing/logBuilder";
import type { SearchEvent } from "./events";
import { emptyHistory, type History, isHistoric, recall } from "./history";
import { branchOf, cellAt, decidedCell, decisionAt, isInLine, isLineOf, lineOf } from "./line";
import { apply, emptyView } from "./reducer";

const foldHistory = (events: readonly SearchEvent[]): History => events.reduce(recall, emptyHistory());
const activeIn = (events: readonly SearchEvent[]) =>
  events
    .reduce(apply, emptyView())
    .edges.filter(({ state }) => state === "active")
    .map(({ id }) => id)
    .sort();

describe.each(goldenStreams())("%s", (name) => {
  const events = readGolden(name);
  const history = foldHistory(events);

  it("needs only the kinds of the history", () => {
    expect(foldHistory(events.filter(isHistoric))).toEqual({ ...history, seq: expect.any(Number) });
  });

  it("has the cell of each step, as the view had it when the next one was decided", () => {
    for (const { branch } of history.branches) {
      const line = lineOf(history, branch);
      expect(line.steps.map(({ step }) => step)).toEqual(line.steps.map((_, i) => line.first + i + 1));
      for (const { step, seq } of line.steps) {
        const then = activeIn(events.filter((event) => event.seq < seq));
        expect([...cellAt(line, step - 1)].sort()).toEqual(then);
      }
    }
  });
});

describe("after a rollback", () => {
  const story = new LogBuilder()
    .decide("1-2")
    .command("lock", { edge: "0-3" })
    .decide("1-3")
    .decide("0-2")
    .rollBack(1)
    .decide("0-1");
  const { line, history } = story;
  const cell = (step: number) => [...cellAt(line, step)].sort().join(" ");

  it("the line follows the current branch from where it was opened", () => {
    expect([line.first, line.last]).toEqual([0, 2]);
    expect(line.steps.map(({ edits }) => edits.edges_removed)).toEqual([["1-2"], ["0-1"]]);
    expect(cell(1)).toBe("0-1 0-2 0-3 1-3 2-3");
    expect(cell(2)).toBe("0-2 0-3 1-3 2-3");
    expect(decisionAt(line, 2)?.cost).toEqual(cost(4));
    expect(line.commands).toEqual([]);
  });
  it("the branch that was left keeps its own line, up to its last event", () => {
    const left = lineOf(history, 0);
    expect(left.steps.map(({ edits }) => edits.edges_removed)).toEqual([["1-2"], ["1-3"], ["0-2"]]);
    expect(left.commands.map(({ kind, step }) => [kind, step])).toEqual([["lock", 1]]);
    const rollback = story.events.find((e) => e.kind === "command_applied" && e.payload.kind === "rollback");
    expect(branchOf(history, 0)?.end).toBe((rollback?.seq ?? 0) - 1);
    expect(branchOf(history, 1)?.end).toBeNull();
  });
  it("tells what happened in the line from what did not", () => {
    const cuts = story.events.filter((event) => event.kind === "step_decided" && isLineOf(line, event));
    expect(cuts.map((e) => e.kind === "step_decided" && e.payload.edits.edges_removed)).toEqual([
      ["1-2"],
      ["0-1"],
    ]);
    const [started] = story.events;
    expect(started && isLineOf(line, started)).toBe(true);
    expect([isInLine(line, 0, 1), isInLine(line, 0, 2), isInLine(line, 1, 2)]).toEqual([true, false, true]);
  });
  it("a second rollback to before the first leaves both branches", () => {
    const twice = new LogBuilder().decide("1-2").decide("1-3").rollBack(1).decide("0-1").rollBack(0);
    twice.decide("2-3");
    expect([...cellAt(twice.line, 1)].sort().join(" ")).toBe("0-1 0-2 0-3 1-2 1-3");
    expect(twice.line.steps.map(({ edits }) => edits.edges_removed)).toEqual([["2-3"]]);
  });
});

describe("edits by hand", () => {
  it("show at the step in which they were made", () => {
    const story = new LogBuilder().command("remove", { edge: "0-1" }).decide("1-2");
    story.command("restore", { edge: "0-1" }).decide("1-3");
    const has = (step: number, id: string) => cellAt(story.line, step).has(id);
    expect([0, 1, 2].map((step) => has(step, "0-1"))).toEqual([false, true, true]);
    expect([0, 1, 2].map((step) => has(step, "1-2"))).toEqual([true, false, false]);
  });
});

describe("a fork", () => {
  const fork = new LogBuilder().decide("1-2").decide("1-3").fork(1).command("remove", { edge: "0-2" });
  fork.decide("0-1");
  it("starts at the step that it was forked from", () => {
    expect([fork.line.first, fork.line.last]).toEqual([1, 2]);
    expect([...cellAt(fork.line, 1)].sort().join(" ")).toBe("0-1 0-3 1-3 2-3");
    expect(fork.history.branches.map(({ parent }) => parent?.search)).toEqual(["s0"]);
  });
});

it("knows the cell at each step of a long search over a large graph", () => {
  const log = new LogBuilder().decide("1-2");
  const [step] = log.line.steps;
  if (!step) throw new Error("nothing was decided");
  const start = Array.from({ length: 2_000 }, (_, i) => `0-${i + 1}`);
  const steps = start.slice(0, 1_000).map((edge, i) => ({
    ...step,
    seq: i + 2,
    step: i + 1,
    edits: { ...step.edits, edges_removed: [edge], edges_lost: [], nodes_lost: [] },
  }));
  const line = { ...log.line, start, steps, edited: [], last: steps.length };
  for (const at of [0, 31, 32, 49, 50, 51, 999, 1_000]) {
    expect(cellAt(line, at)).toEqual(new Set(start.slice(at)));
  }
});

it("knows the cell that a step chose, before what people edited after it", () => {
  const log = new LogBuilder().decide("1-2").command("remove", { edge: "0-3" });
  const edges = (cell: ReadonlySet<string>) => [...cell].sort().join(" ");
  expect(edges(decidedCell(log.line, 1))).toBe("0-1 0-2 0-3 1-3 2-3");
  expect(edges(cellAt(log.line, 1))).toBe("0-1 0-2 1-3 2-3");
});
