import { expect, it } from "vitest";
import type { Graph, Macro } from "../../live/events";
import { blocksOf, describeMacro, leavesOf } from "./macro";

const graph: Graph = {
  nodes: [0, 2, 5, 6, 7].map((id) => ({ id, op: id === 0 ? "input" : "sep3", rank: id })),
  edges: ["0-2", "0-5", "0-6", "2-6", "0-7", "5-7"].map((id) => {
    const [source, target] = id.split("-").map(Number) as [number, number];
    return { id, source, target };
  }),
};
const macro: Macro = {
  kind: "image",
  input: [3, 32, 32],
  classes: 10,
  stem_filters: 32,
  stem_stride: 1,
  stages: [
    { filters: 16, cells: 1, stride: 1 },
    { filters: 32, cells: 3, stride: 2 },
  ],
  head_filters: null,
  activation: "relu",
};

it("lists the blocks around the cell with their output shapes", () => {
  expect(blocksOf(macro, graph).map(({ title, detail }) => `${title}: ${detail}`)).toEqual([
    "image: 3 ch, 32 px",
    "stem 3×3: 32 ch, 32 px",
    "cell: 32 ch, 32 px",
    "3 cells, stride 2: 64 ch, 16 px",
    "pool, dense: 10 classes",
  ]);
});

it("says the same in a sentence", () => {
  expect(describeMacro(macro, graph)).toBe(
    "4 cells in 2 stages, 16 and 32 channels per node, 2 outputs each, ReLU.",
  );
});

it("lists the blocks around the cell of a language model", () => {
  const text: Macro = { kind: "text", vocabulary: 10_000, hidden: 745 };
  expect(blocksOf(text, graph).map(({ title, detail }) => `${title}: ${detail}`)).toEqual([
    "word: one of 10,000 words",
    "embedding: width 745",
    "cell: width 745, once per word",
    "decoder: shares the embedding, 10,000 words",
  ]);
  expect(describeMacro(text, graph)).toBe("Word-level language model: 10,000 words, hidden size 745.");
});

it("names the leaves, and the input if there is no other node", () => {
  expect(leavesOf(graph)).toEqual([6, 7]);
  expect(leavesOf({ nodes: graph.nodes.slice(0, 1), edges: [] })).toEqual([0]);
});
