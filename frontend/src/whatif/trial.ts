// A trial: a list of edits over the present cell; nothing is saved. The server computes the resulting cell, because parts
// that nothing reaches collapse too.
import type { Edit } from "../api/types";
import type { DagGraph, DagNode } from "../dag/graph";
import type { Cell } from "./edits";

const OPS = {
  image: ["sep3", "conv1"],
  text: ["relu", "sigmoid", "tanh", "identity"],
} as const;

/** The operations to choose from for a node; its present one is always included. */
export function availableOps(kind: "image" | "text", now: string): readonly string[] {
  const known: readonly string[] = OPS[kind];
  return known.includes(now) ? known : [now, ...known];
}

/** Removes an active edge or adds a removed one; doing both leaves no edit. */
export function toggleEdge(edits: readonly Edit[], edge: string, active: boolean): Edit[] {
  const previous = edits.findLast((each) => each.edge === edge);
  if (previous && (previous.kind === "add_edge") === active) return edits.filter((each) => each !== previous);
  return [...edits, { kind: active ? "remove_edge" : "add_edge", edge }];
}

/** Sets a node's operation; its original one leaves no edit. */
export function setOp(edits: readonly Edit[], node: number, op: string, originalOp: string): Edit[] {
  const others = edits.filter((each) => each.kind !== "set_op" || each.node !== node);
  return op === originalOp ? others : [...others, { kind: "set_op", node, op }];
}

export function removeNode(edits: readonly Edit[], node: number): Edit[] {
  return [...edits, { kind: "remove_node", node }];
}

/** The cell after the edits, shown at once; parts that collapse with them follow with the server's answer. */
export function applyEdits(whole: DagGraph, graph: DagGraph, edits: readonly Edit[]): Cell {
  const activeEdges = new Set(graph.edges.map((edge) => edge.id));
  const ops = new Map<number, string>();
  const gone = new Set<number>();
  for (const { kind, edge, node, op } of edits) {
    if (kind === "remove_edge" && edge) activeEdges.delete(edge);
    if (kind === "add_edge" && edge) activeEdges.add(edge);
    if (kind === "set_op" && typeof node === "number" && op) ops.set(node, op);
    if (kind === "remove_node" && typeof node === "number") gone.add(node);
  }
  for (const { id, source, target } of whole.edges)
    if (gone.has(source) || gone.has(target)) activeEdges.delete(id);
  const nodes = graph.nodes
    .filter(({ id }) => !gone.has(id))
    .map((node): DagNode => ({ ...node, op: ops.get(node.id) ?? node.op }));
  return { whole, activeEdges, nodes };
}

/** The cell of the server's answer. */
export function cellOfGraph(whole: DagGraph, graph: DagGraph): Cell {
  return { whole, activeEdges: new Set(graph.edges.map((edge) => edge.id)), nodes: graph.nodes };
}
