import { expect, it } from "vitest";
import { LogBuilder } from "../../testing/logBuilder";
import { milestonesOf } from "./lineage";

const EDGES = ["0-1", "0-2", "0-3", "1-2", "1-3", "2-3"];
const without = (...gone: string[]) => EDGES.filter((id) => !gone.includes(id));

/** The milestones up to a step, for a cell of these edges. */
function milestones(story: LogBuilder, step: number, own: readonly string[]) {
  const { task, best, trained } = story.view;
  if (!task) throw new Error("the search has not started");
  return milestonesOf({ task, best, trained }, story.line, step, { live: new Set(own), nodes: [] });
}

const story = () =>
  new LogBuilder()
    .score(0.7, 0.8)
    .decide("1-2")
    .command("lock", { edge: "0-2" }, "keep it")
    .score(0.8)
    .decide("1-3");

it("lists the milestones from the first cell to this one, with the edges active at each", () => {
  const moments = milestones(story(), 2, without("1-2", "1-3"));
  expect(moments.map(({ step, title, note }) => `${step} ${title}: ${note}`)).toEqual([
    "0 First cell, 6 edges: autoshrink, seed 0",
    "1 All limits met: 5 edges",
    "1 0→2 locked: Yan: “keep it”",
    "2 This cell, score 0.9000: 3 candidates tested by the search",
  ]);
  expect(moments.map(({ live }) => [...live])).toEqual([
    EDGES,
    without("1-2"),
    without("1-2"),
    without("1-2", "1-3"),
  ]);
});

it("leaves out later events", () => {
  expect(milestones(story().decide("0-3"), 0, EDGES).map(({ kind }) => kind)).toEqual(["start", "now"]);
});

it("shows the cell of each step where edges come back", () => {
  const replaced = new LogBuilder("random")
    .replaceCell("4 edges", { removed: ["0-3", "1-3"] })
    .replaceCell("5 edges", { added: ["0-3"] });
  const [start, fits, now] = milestones(replaced, 2, without("1-3"));
  expect([start?.title, fits?.note]).toEqual(["First cell, 6 edges", "4 edges"]);
  expect([...(fits?.live ?? [])]).toEqual(without("0-3", "1-3"));
  expect(now?.live).toEqual(new Set(without("1-3")));
});

it("ends with the architecture's own cell where it was a candidate that the step did not choose", () => {
  const answered = new LogBuilder("random")
    .replaceCell("4 edges", { removed: ["0-3", "1-3"] })
    .trainFinalists(["2 edges of step 1"])
    .score(0.95)
    .finish({ edges: ["0-1", "1-2"], step: 1, quality: 0.95 });
  const now = milestones(answered, 1, ["0-1", "1-2"]).at(-1);
  expect([now?.title, now?.note]).toEqual([
    "This cell, score 0.9500 as the answer",
    "as a candidate, 1 candidate tested by the search",
  ]);
  expect(now?.live).toEqual(new Set(["0-1", "1-2"]));
});
