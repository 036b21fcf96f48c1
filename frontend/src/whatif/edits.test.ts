import { expect, it } from "vitest";
import type { Macro } from "../live/events";
import { REQUEST_LIMITS } from "../testing/requestLimits";
import { describeExceeded, editBatches, possibleEdits, requestGraph } from "./edits";

const nodes = [0, 1, 2].map((id) => ({ id, op: id === 0 ? "input" : "sep3", rank: id }));
const edges = ["0-1", "0-2", "1-2"].map((id) => {
  const [source = 0, target = 0] = id.split("-").map(Number);
  return { id, source, target };
});
const whole = { nodes, edges };
const text: Macro = { kind: "text", vocabulary: 100, hidden: 8 };

it("lists every active edge, every edge that can be restored, and every node but the input", () => {
  const cell = { whole, activeEdges: new Set(["0-1", "1-2"]), nodes };
  expect(possibleEdits(cell).map(({ target, edit }) => `${target} ${edit.kind}`)).toEqual([
    "0-1 remove_edge",
    "0-2 add_edge",
    "1-2 remove_edge",
    "1 remove_node",
    "2 remove_node",
  ]);
  expect(requestGraph(cell).edges.map((edge) => edge.id)).toEqual(["0-1", "1-2"]);
});

it("lists no edge of a removed node", () => {
  const cell = { whole, activeEdges: new Set(["0-1"]), nodes: nodes.slice(0, 2) };
  expect(possibleEdits(cell).map(({ target }) => target)).toEqual(["0-1", "1"]);
});

it("splits the edits into batches, and has none for a graph that is too large", () => {
  const many = Array.from({ length: 30 }, (_, id) => ({ id, op: "sep3", rank: id }));
  const dense = many.flatMap((a) =>
    many.filter((b) => b.id > a.id).map((b) => ({ id: `${a.id}-${b.id}`, source: a.id, target: b.id })),
  );
  const cell = {
    whole: { nodes: many, edges: dense },
    activeEdges: new Set(dense.map((e) => e.id)),
    nodes: many,
  };
  expect(editBatches(cell, text, { ...REQUEST_LIMITS.what_if, edits: 250 }).flat()).toHaveLength(435 + 30);
  expect(editBatches(cell, text, { ...REQUEST_LIMITS.what_if, edits: 250 }).length).toBe(2);
  const large = { ...cell, nodes: [...many, ...many.map((node) => ({ ...node, id: node.id + 30 }))] };
  expect(editBatches(large, text, REQUEST_LIMITS.what_if)).toEqual([]);
});

it("names the limits that would be exceeded", () => {
  expect(describeExceeded([], true)).toBe("fits all limits");
  expect(describeExceeded([{ limit: "macs" }, { limit: "peak_memory" }], true)).toBe(
    "over MACs and peak memory",
  );
  expect(describeExceeded([], false)).toBe("");
});
