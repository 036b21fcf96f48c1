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

it("lists the stages of a network of NAS-Bench-201", () => {
  const bench: Macro = {
    kind: "nasbench201",
    input: [3, 33, 33],
    classes: 10,
    channels: 16,
    cells: 5,
    scales: [1, 2],
  };
  expect(blocksOf(bench, graph).map(({ title, detail }) => `${title}: ${detail}`)).toEqual([
    "image: 3 ch, 33 px",
    "stem 3×3: 16 ch, 33 px",
    "5 cells: 16 ch, 33 px",
    "residual, stride 2: 32 ch, 17 px",
    "5 cells: 32 ch, 17 px",
    "pool, dense: 10 classes",
  ]);
  expect(describeMacro(bench, graph)).toBe(
    "10 cells in 2 stages, with a residual block that halves the resolution between two stages.",
  );
});

it("lists the blocks of a chain, which carry their own widths and strides", () => {
  const chain: Macro = {
    kind: "chain",
    input: [3, 32, 32],
    classes: 10,
    head_filters: 1280,
    resolution: null,
    shortcuts: true,
  };
  const blocks: Graph = {
    nodes: [
      { id: 0, op: "input", rank: 0 },
      { id: 1, op: "stem", rank: 1, attrs: { filters: 8, stride: 1 } },
      { id: 2, op: "k3e6", rank: 2, attrs: { filters: 32, stride: 2, bottleneck: 16, layers: 3 } },
    ],
    edges: [],
  };
  expect(blocksOf(chain, blocks).map(({ title, detail }) => `${title}: ${detail}`)).toEqual([
    "image: 3 ch, 32 px",
    "stem: 8 ch, 32 px",
    "k3 e6 ×3, stride 2: 32 ch, 16 px",
    "head 1×1: 1,280 ch, 16 px",
    "pool, dense: 10 classes",
  ]);
  expect(describeMacro(chain, blocks)).toBe(
    "A chain of 1 block, 3 layers, after a stem and before a head of 1,280 channels.",
  );
});

it("names the leaves, and the input if there is no other node", () => {
  expect(leavesOf(graph)).toEqual([6, 7]);
  expect(leavesOf({ nodes: graph.nodes.slice(0, 1), edges: [] })).toEqual([0]);
  const lost = { id: 1, op: "sum", rank: 1 }; // nothing reads it, and it is not the output
  expect(
    leavesOf({ nodes: [...graph.nodes.slice(0, 1), lost, { id: 9, op: "output", rank: 9 }], edges: [] }),
  ).toEqual([9]);
});
