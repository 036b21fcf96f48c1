// The graph in a view: nodes and edges, the removed ones included. Parts that an event does not touch stay the same
// objects, so that a page of thousands of edges compares them by identity.
import { endsOf } from "./edits";
import type { Evidence, GraphEdited, GraphRows, NodeRow, Snapshot } from "./events";
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
  const { nodes, edges } = partsOfRows(snapshot.graph);
  const ofNodes: Changes<ViewNode> = new Map();
  const ofEdges: Changes<ViewEdge> = new Map();
  for (const { id, ...removal } of snapshot.removed) add(ofEdges, id, { state: "removed", ...removal });
  for (const { id, ...removal } of snapshot.removed_nodes) add(ofNodes, id, { state: "removed", ...removal });
  for (const id of snapshot.locked) add(ofEdges, id, { locked: true });
  for (const id of snapshot.locked_nodes) add(ofNodes, id, { locked: true });
  for (const { edge, tests, importance } of snapshot.evidence) add(ofEdges, edge, { tests, importance });
  return { nodes: changed(nodes, ofNodes), edges: changed(edges, ofEdges) };
}

/** The parts with the graph of the answer, in which a candidate may have had parts of its own. All others are removed. */
export function partsOfAnswer(view: Parts, rows: GraphRows): Parts {
  const own = partsOfRows(rows);
  const nodes = withOnly(view.nodes, own.nodes, ({ locked }, node) => ({ ...node, locked }));
  // What is known of an edge stays known.
  const edges = withOnly(view.edges, own.edges, (edge) => ({ ...edge, ...PRESENT, locked: edge.locked }));
  return sorted(nodes, edges);
}

function withOnly<T extends ViewNode | ViewEdge>(
  parts: readonly T[],
  own: readonly T[],
  present: (known: T, own: T) => T,
): readonly T[] {
  const wanted = new Map(own.map((part) => [part.id, part]));
  const known = parts.map((part): T => {
    const found = wanted.get(part.id);
    if (found) return present(part, found);
    return part.state === "removed" ? part : { ...part, ...removal(null, null) };
  });
  return [...known, ...missing(parts, own)];
}

export function editedParts(view: Parts, edited: GraphEdited): Parts {
  const nodes = editedNodes(view.nodes, edited);
  const edges = editedEdges(view.edges, edited);
  // Parts that are there already keep their places.
  const moved = nodes.length !== view.nodes.length || edges.length !== view.edges.length;
  return moved || edited.edits.nodes_changed.length > 0 ? sorted(nodes, edges) : { nodes, edges };
}

export function lockedEdges(edges: readonly ViewEdge[], id: string, locked: boolean): readonly ViewEdge[] {
  return changed(edges, new Map([[id, { locked }]]));
}

export function lockedNodes(nodes: readonly ViewNode[], id: number, locked: boolean): readonly ViewNode[] {
  return changed(nodes, new Map([[id, { locked }]]));
}

export function withEvidence(edges: readonly ViewEdge[], evidence: readonly Evidence[]): readonly ViewEdge[] {
  return changed(edges, new Map(evidence.map(({ edge, ...known }) => [edge, known])));
}

function editedNodes(nodes: readonly ViewNode[], { edits, step, cause }: GraphEdited): readonly ViewNode[] {
  const changes: Changes<ViewNode> = new Map();
  for (const id of edits.nodes_removed) add(changes, id, removal(step, cause));
  for (const id of edits.nodes_lost) add(changes, id, removal(step, "collapse"));
  for (const row of edits.nodes_added) add(changes, row[0], nodeOfRow(row));
  for (const row of edits.nodes_changed) {
    const { id, op, rank, attrs, cell } = nodeOfRow(row);
    add(changes, id, { op, rank, attrs, cell });
  }
  const fresh = missing(nodes, edits.nodes_added.map(nodeOfRow));
  return fresh.length > 0 ? [...changed(nodes, changes), ...fresh] : changed(nodes, changes);
}

function editedEdges(edges: readonly ViewEdge[], { edits, step, cause }: GraphEdited): readonly ViewEdge[] {
  const changes: Changes<ViewEdge> = new Map();
  for (const id of edits.edges_removed) add(changes, id, removal(step, cause));
  for (const id of edits.edges_lost) add(changes, id, removal(step, "collapse"));
  for (const id of edits.edges_added) add(changes, id, PRESENT);
  const fresh = missing(edges, edits.edges_added.map(newEdge));
  return fresh.length > 0 ? [...changed(edges, changes), ...fresh] : changed(edges, changes);
}

const PRESENT = { state: "active", locked: false, step: null, cause: null } as const;

function removal(step: number | null, cause: Cause | null) {
  return { state: "removed", locked: false, step, cause } as const;
}

function nodeOfRow([id, op, rank, attrs = {}, cell = 0]: NodeRow): ViewNode {
  return { id, op, rank, attrs, cell, ...PRESENT };
}

function newEdge(id: string): ViewEdge {
  return { id, ...endsOf(id), ...PRESENT, tests: 0, importance: null };
}

type Changes<T extends { id: unknown }> = Map<T["id"], Partial<T>>;

function add<T extends { id: unknown }>(changes: Changes<T>, id: T["id"], change: Partial<T>): void {
  changes.set(id, { ...changes.get(id), ...change });
}

function changed<T extends { id: unknown }>(parts: readonly T[], changes: Changes<T>): readonly T[] {
  if (changes.size === 0) return parts;
  return parts.map((part) => {
    const change = changes.get(part.id);
    return change ? { ...part, ...change } : part;
  });
}

/** The parts that the graph never had. */
function missing<T extends { id: unknown }>(parts: readonly T[], added: readonly T[]): T[] {
  if (added.length === 0) return [];
  const known = new Set(parts.map(({ id }) => id));
  return added.filter(({ id }) => !known.has(id));
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
