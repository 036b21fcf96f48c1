// Edits of a graph: what they amount to, and what they do to a set of edges and to nodes.
import type { Edits, NodeRow } from "./events";
import type { NodeChange, NodeState } from "./view";

/** The edge, if the edits are its removal and what follows from it; else null. */
export function cutEdge(edits: Edits): string | null {
  const [edge, ...more] = edits.edges_removed;
  if (edge === undefined || more.length > 0 || edits.nodes_removed.length > 0) return null;
  const others = edits.nodes_added.length + edits.nodes_changed.length + edits.edges_added.length;
  return others === 0 ? edge : null;
}

/** Whether they leave the graph as it is. */
export function isUnchanged(edits: Edits): boolean {
  return Object.values(edits).every((parts) => parts.length === 0);
}

/** All edges that are gone after the edits. */
export function goneEdges(edits: Edits): string[] {
  return [...edits.edges_removed, ...edits.edges_lost];
}

/** The active edges after the edits. */
export function editedEdges(active: ReadonlySet<string>, edits: Edits): Set<string> {
  const after = new Set(active);
  applyEdits(after, edits);
  return after;
}

/** Changes a set of active edges in place. */
export function applyEdits(active: Set<string>, edits: Edits): void {
  for (const edge of goneEdges(edits)) active.delete(edge);
  for (const edge of edits.edges_added) active.add(edge);
}

/** Both ends of an edge, from its id. */
export function endsOf(edge: string): { source: number; target: number } {
  const [source = 0, target = 0] = edge.split("-").map(Number);
  return { source, target };
}

/** The nodes after the edits, by rank. */
export function editedNodes(nodes: readonly NodeRow[], edits: Edits): readonly NodeRow[] {
  const { nodes_removed, nodes_lost, nodes_changed, nodes_added } = edits;
  const rows = [...nodes_changed, ...nodes_added];
  if (rows.length + nodes_removed.length + nodes_lost.length === 0) return nodes;
  const gone = new Set([...nodes_removed, ...nodes_lost, ...rows.map(([id]) => id)]);
  return [...nodes.filter(([id]) => !gone.has(id)), ...rows].sort((a, b) => a[2] - b[2] || a[0] - b[0]);
}

/** The nodes that are new or another after the edits. */
export function editedIds({ nodes_added, nodes_changed }: Edits): Set<number> {
  return new Set([...nodes_added, ...nodes_changed].map(([id]) => id));
}

/** What becomes of each node that the edits change or remove. */
export function nodeChanges(
  { nodes_changed, nodes_removed }: Edits,
  before: readonly ({ readonly id: number } & NodeState)[],
): NodeChange[] {
  const was = (node: number): NodeState | null => {
    const found = before.find(({ id }) => id === node);
    return found ? { op: found.op, attrs: found.attrs } : null;
  };
  return [
    ...nodes_changed.map(([node, op, , attrs = {}]) => ({ node, was: was(node), is: { op, attrs } })),
    ...nodes_removed.map((node) => ({ node, was: was(node), is: null })),
  ];
}
