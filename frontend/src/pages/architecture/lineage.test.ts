import { expect, it } from "vitest";
import type { View } from "../../live/events";
import { LogBuilder } from "../../testing/logBuilder";
import { milestonesOf } from "./lineage";

const edge = (id: string, step: number | null) => ({
  id,
  source: Number(id[0]),
  target: Number(id[2]),
  state: step ? "removed" : "active",
  step,
});
const decided = (step: number, fits: boolean, gone: string[]) => ({
  step,
  fits,
  gone,
  edges: 3 - step,
  score: 0.5,
  tested: [{}, {}],
});
const line = { kind: "command_applied", step: 1, edge: "0-2", command: "lock", by: "Ada", reason: "keep it" };
const view = {
  task: {
    strategy: { name: "autoshrink", config: {} },
    seed: 5,
    budget: { params: 100, macs: null, peak_memory: null },
  },
  edges: [edge("0-1", null), edge("0-2", 2), edge("1-2", 1)],
  history: [decided(1, false, ["1-2"]), decided(2, true, ["1-2", "0-2"])],
  step: 2,
  log: [line, { ...line, kind: "step_decided" }],
  best: { step: 2, score: 0.5053 },
} as unknown as View;

it("lists the milestones from the dense cell to this one, with the edges active at each", () => {
  const moments = milestonesOf(view, 2, new Set(["0-1"]));
  expect(moments.map(({ step, title, note }) => `${step} ${title}: ${note}`)).toEqual([
    "0 Dense cell, 3 edges: autoshrink, seed 5",
    "1 0→2 locked: Ada: “keep it”",
    "2 All limits met: 1 edge left",
    "2 This cell, score 0.5053: 4 cuts tested in total",
  ]);
  expect(moments.map(({ live }) => [...live])).toEqual([
    ["0-1", "0-2", "1-2"],
    ["0-1", "0-2"],
    ["0-1"],
    ["0-1"],
  ]);
});

it("leaves out later events, and limits if there were none", () => {
  const free = {
    ...view,
    task: { ...view.task, budget: { params: null, macs: null, peak_memory: null } },
  } as View;
  expect(milestonesOf(free, 1, new Set(["0-1", "0-2"])).map(({ kind }) => kind)).toEqual([
    "start",
    "held",
    "now",
  ]);
});

it("shows the cell of each step where edges come back", () => {
  const story = new LogBuilder("random")
    .proposeCells(["4 edges", "5 edges"], [])
    .replaceCell("4 edges", { removed: ["0-3", "1-3"] })
    .replaceCell("5 edges", { added: ["0-3"] });
  const cell = new Set(["0-1", "0-2", "0-3", "1-2", "2-3"]);
  const [start, fits, now] = milestonesOf(story.view, 2, cell);
  expect([start?.title, fits?.note, now?.note]).toEqual([
    "First cell, 6 edges",
    "4 edges",
    "3 candidates tested in total",
  ]);
  expect([...(fits?.live ?? [])]).toEqual(["0-1", "0-2", "1-2", "2-3"]);
  expect(now?.live).toEqual(cell);
});

it("ends with the architecture's own cell where it was a candidate that the step did not choose", () => {
  const story = new LogBuilder("random")
    .replaceCell("4 edges", { removed: ["0-3", "1-3"] })
    .trainFinalists(["2 edges of step 1"])
    .score(0, 0.95)
    .finish({ edges: ["0-1", "1-2"], step: 1, quality: 0.95 });
  const own = new Set(["0-1", "1-2"]);
  const now = milestonesOf(story.view, 1, own).at(-1);
  expect([now?.title, now?.note]).toEqual([
    "This cell, score 0.9500",
    "as a candidate, 1 candidate tested in total",
  ]);
  expect(now?.live).toEqual(own);
});
