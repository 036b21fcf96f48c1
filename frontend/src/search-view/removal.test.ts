// The explanations of removed edges and nodes.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import type { SearchEvent, View } from "../live/events";
import { apply, emptyView } from "../live/reducer";
import { LogBuilder } from "../testing/logBuilder";
import { momentOf } from "./moment";
import { describeCutTime, explainEdgeRemoval, explainNodeRemoval } from "./removal";

const GOLDEN = join(import.meta.dirname, "../../../tests/fixtures/golden");
const events = readFileSync(join(GOLDEN, "steered.jsonl"), "utf8")
  .split("\n")
  .filter(Boolean)
  .map((line): SearchEvent => JSON.parse(line));
const steered = events.reduce(apply, emptyView());

function edgeOf(view: View, id: string) {
  const edge = momentOf(view, null, null).edges.find((each) => each.id === id);
  if (edge?.state !== "removed") throw new Error(`${id} is not gone`);
  return edge;
}
const why = (story: LogBuilder, id: string) => explainEdgeRemoval(edgeOf(story.view, id), story.view);

describe("a collapsed edge", () => {
  it("is attributed to the manual cut that caused it, not to the decision before", () => {
    const story = new LogBuilder().decide("0-3").command("remove", { edge: "0-1" }).collapse("1-2", "1-3");
    expect(why(story, "1-3")).toBe("Removed with 0→1, which was cut manually, because it had no input left.");
    expect(why(story.decide("0-2"), "1-3")).toBe(
      "Removed with 0→1, which was cut manually, because it had no input left.",
    );
  });
  it("is attributed to the node if the node was cut", () => {
    const story = new LogBuilder().command("remove", { node: 1 }).command("remove", { edge: "0-1" });
    const spoken = story
      .collapse("1-2")
      .events.filter((e) => e.kind !== "command_applied" || e.payload.edge === null);
    const view = spoken.reduce(apply, emptyView());
    expect(explainEdgeRemoval(edgeOf(view, "1-2"), view)).toBe(
      "Removed with node 1, which was cut manually, because it had no input left.",
    );
  });
  it("has a general explanation if the log no longer has its cause", () => {
    const { view } = new LogBuilder().command("remove", { edge: "0-1" }).collapse("1-2");
    const short = { ...view, log: view.log.slice(-1) };
    expect(explainEdgeRemoval(edgeOf(view, "1-2"), short)).toBe("Removed because it had no input left.");
  });
});

describe("a manual cut", () => {
  it("names the author of the cut, whatever later commands on its nodes", () => {
    const story = new LogBuilder()
      .command("remove", { edge: "1-2" }, "thin")
      .command("remove", { node: 2 }, "wide");
    expect(why(story, "1-2")).toBe("Cut manually by Yan: “thin”.");
  });
  it("is taken from the current branch, not from an abandoned one", () => {
    const story = new LogBuilder().command("remove", { edge: "1-2" }, "first").decide("0-3");
    story.command("restore", { edge: "1-2" }).command("remove", { edge: "1-2" }, "second").rollBack(1);
    expect(why(story, "1-2")).toBe("Cut manually by Yan: “first”.");
  });
});

describe("the time of a removal", () => {
  it("is after a step that still shows it, and at the step that does not", () => {
    const story = new LogBuilder()
      .decide("0-3")
      .command("remove", { edge: "0-1" })
      .collapse("1-2")
      .decide("0-2");
    const { view } = story;
    expect(["0-3", "0-1", "1-2", "0-2"].map((id) => describeCutTime(edgeOf(view, id)))).toEqual([
      "cut at step 1",
      "cut after step 1",
      "cut after step 1",
      "cut at step 2",
    ]);
    const active = (step: number) => momentOf(view, null, step).activeEdges;
    expect(["0-3", "0-1", "1-2"].map((id) => active(1).has(id))).toEqual([false, true, true]);
  });
  it("is explained for nodes too", () => {
    const nodes = momentOf(steered, null, null).nodes.filter((node) => node.removed);
    expect(nodes.map((node) => [node.id, describeCutTime(node), explainNodeRemoval(node, steered)])).toEqual([
      [1, "cut after step 0", "Removed because it had no input left."],
      [2, "cut at step 1", "Removed because it had no input left."],
    ]);
  });
  it("is at the step while its events arrive", () => {
    const count = events.findIndex((e) => e.kind === "edge_removed" && e.payload.edge === "2-3") + 1;
    const view = events.slice(0, count).reduce(apply, emptyView());
    expect([view.step, describeCutTime(edgeOf(view, "2-3"))]).toEqual([0, "cut at step 1"]);
  });
});
