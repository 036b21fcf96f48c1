import { expect, it } from "vitest";
import { applyEdits, availableOps, setOp, toggleEdge } from "./trial";

const nodes = [0, 1, 2].map((id) => ({ id, op: id === 0 ? "input" : "sep3", rank: id }));
const edges = ["0-1", "0-2", "1-2"].map((id) => {
  const [source = 0, target = 0] = id.split("-").map(Number);
  return { id, source, target };
});
const whole = { nodes, edges };
const graph = { nodes, edges: edges.slice(0, 2) };

it("removes an edge and restores it, which leaves no edit", () => {
  const away = toggleEdge([], "0-1", true);
  expect(away).toEqual([{ kind: "remove_edge", edge: "0-1" }]);
  expect(toggleEdge(away, "0-1", false)).toEqual([]);
  const back = toggleEdge([], "1-2", false);
  expect(back).toEqual([{ kind: "add_edge", edge: "1-2" }]);
  expect(toggleEdge(back, "1-2", true)).toEqual([]);
});

it("keeps one operation per node, and none if it is the original one", () => {
  const changed = setOp(setOp([], 1, "conv1", "sep3"), 1, "pool", "sep3");
  expect(changed).toEqual([{ kind: "set_op", node: 1, op: "pool" }]);
  expect(setOp(changed, 1, "sep3", "sep3")).toEqual([]);
});

it("applies the edits to the cell", () => {
  const cell = applyEdits(whole, graph, [
    { kind: "remove_node", node: 1 },
    { kind: "add_edge", edge: "1-2" },
    { kind: "set_op", node: 2, op: "conv1" },
  ]);
  expect([...cell.activeEdges]).toEqual(["0-2"]);
  expect(cell.nodes.map(({ id, op }) => `${id} ${op}`)).toEqual(["0 input", "2 conv1"]);
});

it("offers the operations of the kind, and the present one", () => {
  expect(availableOps("text", "tanh")).toEqual(["relu", "sigmoid", "tanh", "identity"]);
  expect(availableOps("image", "pool")).toEqual(["pool", "sep3", "conv1"]);
});
