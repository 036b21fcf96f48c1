// The graph in a view: nodes and edges, the removed ones included. Parts that an event does not touch stay the same
// objects, so that a page of thousands of edges compares them by identity.
import { endsOf } from "./edits";
import type { Edits, Evidence, GraphEdited, GraphRows, NodeRow, Snapshot } from "./events";
import type { Cause, Parts, ViewEdge, ViewNode } from "./view";

/** A graph none of whose parts were removed. */
export function partsOfRows(rows: GraphRows): Parts {
  return sorted(
    rows.nodes.map(nodeOfRow),
    rows.edges.map(([source, target]) => newEdge(`${source}-${target}`)),
  );
}

/** The graph of a snapshot, whose rows hold the removed parts too. */
export function partsOfSnapshot(snapshot: Snapshot): Parts {
  const parts = partsOfRows(snapshot.graph);
  const edges = byId(parts.edges);
  const nodes = byId(parts.nodes);
  for (const { id, step, cause } of snapshot.removed) change(edges, id, { state: "removed", step, cause });
  for (const { id, step, cause } of snapshot.removed_nodes)
    change(nodes, id, { state: "removed", step, cause });
  for (const id of snapshot.locked) change(edges, id, { locked: true });
  for (const id of snapshot.locked_nodes) change(nodes, id, { locked: true });
  for (const { edge, tests, importance } of snapshot.evidence) change(edges, edge, { tests, importance });
  return { nodes: [...nodes.values()], edges: [...edges.values()] };
}

export function editedParts(view: Parts, { edits, step, cause }: GraphEdited): Parts {
  const touchesNodes =
    edits.nodes_removed.length +
    edits.nodes_lost.length +
    edits.nodes_added.length +
    edits.nodes_changed.length;
  const nodes = touchesNodes === 0 ? view.nodes : editedNodes(view.nodes, edits, step, cause);
  const edges = editedEdges(view.edges, edits, step, cause);
  // Parts that are there already keep their places.
  const moved = nodes.length !== view.nodes.length || edges.length !== view.edges.length;
  return moved || edits.nodes_changed.length > 0 ? sorted(nodes, edges) : { nodes, edges };
}

export function lockedEdges(edges: readonly ViewEdge[], id: string, locked: boolean): ViewEdge[] {
  return edges.map((edge) => (edge.id === id ? { ...edge, locked } : edge));
}

export function lockedNodes(nodes: readonly ViewNode[], id: number, locked: boolean): ViewNode[] {
  return nodes.map((node) => (node.id === id ? { ...node, locked } : node));
}

export function withEvidence(edges: readonly ViewEdge[], evidence: readonly Evidence[]): ViewEdge[] {
  const known = new Map(evidence.map((each) => [each.edge, each]));
  return edges.map((edge) => {
    const found = known.get(edge.id);
    return found ? { ...edge, tests: found.tests, importance: found.importance } : edge;
  });
}

function editedNodes(
  nodes: readonly ViewNode[],
  edits: Edits,
  step: number,
  cause: GraphEdited["cause"],
): ViewNode[] {
  const found = byId(nodes);
  for (const id of edits.nodes_removed) change(found, id, removal(step, cause));
  for (const id of edits.nodes_lost) change(found, id, removal(step, "collapse"));
  for (const row of edits.nodes_added) found.set(row[0], nodeOfRow(row));
  for (const row of edits.nodes_changed) {
    const { id, op, rank, attrs, cell } = nodeOfRow(row);
    change(found, id, { op, rank, attrs, cell });
  }
  return [...found.values()];
}

function editedEdges(
  edges: readonly ViewEdge[],
  edits: Edits,
  step: number,
  cause: GraphEdited["cause"],
): readonly ViewEdge[] {
  const found = byId(edges);
  for (const id of edits.edges_removed) change(found, id, removal(step, cause));
  for (const id of edits.edges_lost) change(found, id, removal(step, "collapse"));
  for (const id of edits.edges_added) {
    const { tests, importance } = found.get(id) ?? newEdge(id);
    found.set(id, { ...newEdge(id), tests, importance });
  }
  return [...found.values()];
}

function removal(step: number, cause: Cause) {
  return { state: "removed", locked: false, step, cause } as const;
}

function nodeOfRow([id, op, rank, attrs = {}, cell = 0]: NodeRow): ViewNode {
  return { id, op, rank, attrs, cell, state: "active", locked: false, step: null, cause: null };
}

function newEdge(id: string): ViewEdge {
  const state = { state: "active", locked: false, step: null, cause: null } as const;
  return { id, ...endsOf(id), ...state, tests: 0, importance: null };
}

function byId<T extends { id: string | number }>(parts: readonly T[]): Map<T["id"], T> {
  return new Map(parts.map((part) => [part.id, part]));
}

function change<T extends { id: string | number }>(
  parts: Map<T["id"], T>,
  id: T["id"],
  by: Partial<T>,
): void {
  const part = parts.get(id);
  if (part) parts.set(id, { ...part, ...by });
}

/** Nodes by rank and edges by the ranks of their ends, as in every graph of the log. */
function sorted(nodes: readonly ViewNode[], edges: readonly ViewEdge[]): Parts {
  const order = [...nodes].sort((a, b) => a.rank - b.rank || a.id - b.id);
  const place = new Map(order.map(({ id }, i) => [id, i]));
  const at = (id: number) => place.get(id) ?? -1;
  return {
    nodes: order,
    edges: [...edges].sort((a, b) => at(a.source) - at(b.source) || at(a.target) - at(b.target)),
  };
}
