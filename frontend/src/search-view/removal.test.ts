// The explanations of removed edges and nodes.
import { describe, expect, it } from "vitest";
import type { SearchEvent } from "../live/events";
import { emptyHistory, recall } from "../live/history";
import { lineOf } from "../live/line";
import { apply, emptyView } from "../live/reducer";
import { readGolden } from "../testing/golden";
import { LogBuilder } from "../testing/logBuilder";
import { momentOf } from "./moment";
import { describeCutTime, describeStanding, explainEdgeRemoval, explainNodeRemoval } from "./removal";

function foldedFrom(events: readonly SearchEvent[]) {
  const view = events.reduce(apply, emptyView());
  return { view, line: lineOf(events.reduce(recall, emptyHistory()), view.branch) };
}

type Story = Pick<LogBuilder, "view" | "line">;

function edgeOf({ view }: Story, id: string) {
  const edge = momentOf(view, null, null).edges.find((each) => each.id === id);
  if (edge?.state !== "removed") throw new Error(`${id} is not gone`);
  return edge;
}
const why = (story: Story, id: string) => explainEdgeRemoval(edgeOf(story, id), story.line);

describe("an edge that lost its input", () => {
  it("is attributed to the manual cut that caused it, not to the decision before", () => {
    const story = new LogBuilder()
      .decide("0-3")
      .cutByHand({ edge: "0-1" }, { edges_removed: ["0-1"], edges_lost: ["1-2", "1-3"], nodes_lost: [1] });
    const text = "Removed with 0→1, which was cut manually, because it had no input left.";
    expect(why(story, "1-3")).toBe(text);
    expect(why(story.decide("0-2"), "1-3")).toBe(text);
  });
  it("is attributed to the node if the node was cut", () => {
    const story = new LogBuilder().cutByHand(
      { node: 1 },
      { nodes_removed: [1], edges_removed: ["0-1"], edges_lost: ["1-2", "1-3"] },
    );
    expect(why(story, "1-2")).toBe(
      "Removed with node 1, which was cut manually, because it had no input left.",
    );
  });
  it("is attributed to the cut that the search decided", () => {
    const story = new LogBuilder().decide("0-1", { edges_lost: ["1-2"] });
    expect(why(story, "1-2")).toBe("Removed with 0→1, because it had no input left.");
  });
  it("has a general explanation while the history is not read", () => {
    const story = new LogBuilder().decide("0-1", { edges_lost: ["1-2"] });
    const unread = { view: story.view, line: lineOf(emptyHistory(), 0) };
    expect(why(unread, "1-2")).toBe("Removed because it had no input left.");
  });
});

describe("a manual cut", () => {
  it("names the author of the cut, whatever later commands on its nodes", () => {
    const story = new LogBuilder()
      .command("remove", { edge: "1-2" }, "thin")
      .cutByHand({ node: 2 }, { nodes_removed: [2], edges_removed: ["0-2", "2-3"] }, "wide");
    expect(why(story, "1-2")).toBe("Cut manually by Yan: “thin”.");
    const nodes = momentOf(story.view, null, null).nodes.filter(({ removed }) => removed);
    expect(nodes.map((node) => explainNodeRemoval(node, story.line))).toEqual([
      "Cut manually by Yan: “wide”.",
    ]);
  });
  it("is taken from the current branch, not from an abandoned one", () => {
    const story = new LogBuilder().command("remove", { edge: "1-2" }, "first").decide("0-3");
    story.command("restore", { edge: "1-2" }).command("remove", { edge: "1-2" }, "second").rollBack(1);
    expect(why(story, "1-2")).toBe("Cut manually by Yan: “first”.");
  });
});

describe("the time of a removal", () => {
  it("is the step that shows it first: manual cuts come before the next decision", () => {
    const story = new LogBuilder()
      .decide("0-3")
      .cutByHand({ edge: "0-1" }, { edges_removed: ["0-1"], edges_lost: ["1-2"] })
      .decide("0-2");
    expect(["0-3", "0-1", "1-2", "0-2"].map((id) => describeCutTime(edgeOf(story, id)))).toEqual([
      "cut at step 1",
      "cut at step 1",
      "cut at step 1",
      "cut at step 2",
    ]);
  });
  it("is explained for nodes too", () => {
    const { view, line } = foldedFrom(readGolden("steered"));
    const nodes = momentOf(view, null, null).nodes.filter((node) => node.removed);
    expect(nodes.map((node) => [node.id, describeCutTime(node), explainNodeRemoval(node, line)])).toEqual([
      [1, "cut at step 0", "Removed because it had no input left."],
      [2, "cut at step 1", "Removed because it had no input left."],
    ]);
  });
});

describe("a cut by the search", () => {
  it("says how far it was ahead, in every golden stream that has one", () => {
    const { view, line } = foldedFrom(readGolden("no-limits"));
    const cut = momentOf(view, null, null).edges.find(({ cause }) => cause === "search");
    expect(cut && explainEdgeRemoval(cut, line)).toMatch(
      /^Cut by the search: score \d\.\d{4}, the best of its step(, \d\.\d{4} ahead of the second)?\.$/,
    );
  });
});

describe("the standing of a decision", () => {
  const words = (margin: number | null) => describeStanding({ margin }, "the best of 6");
  it("says how far it is ahead, or that it is within the noise of a better score and cheaper", () => {
    expect(words(0.0123)).toBe("the best of 6, 0.0123 ahead of the second");
    expect(words(-0.0074)).toBe("0.0074 behind the best of 6, which is within its noise, and cheaper");
    expect(words(null)).toBe("the best of 6");
  });
});
