// Edits of a graph: what they amount to, and what they do to a set of edges.
import type { Edits } from "./events";

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
