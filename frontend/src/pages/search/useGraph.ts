// The graph that a search page draws.
import { useMemo, useRef } from "react";
import { type DagGraph, widthOf } from "../../dag/graph";
import type { View } from "../../live/view";
import { wholeGraph } from "../../search-view/moment";

/**
 * The graph of all parts that the search ever had, so that nothing moves from step to step. The same object until a part
 * is added, so that cuts cause no new layout.
 */
export function useGraph(live: View, shown: View): DagGraph {
  const kept = useRef<{ key: string; graph: DagGraph } | null>(null);
  const { nodes, edges } = live;
  const { nodes: ownNodes, edges: ownEdges } = shown;
  // A branch that was left may have had parts of its own.
  const graph = useMemo(
    () => joined(wholeGraph({ nodes, edges }), wholeGraph({ nodes: ownNodes, edges: ownEdges })),
    [nodes, edges, ownNodes, ownEdges],
  );
  const key = signature(graph);
  if (kept.current?.key !== key) kept.current = { key, graph };
  return kept.current.graph;
}

function joined(whole: DagGraph, other: DagGraph): DagGraph {
  const known = new Set<unknown>([...whole.nodes, ...whole.edges].map(({ id }) => id));
  const isNew = ({ id }: { id: unknown }) => !known.has(id);
  return {
    nodes: [...whole.nodes, ...other.nodes.filter(isNew)],
    edges: [...whole.edges, ...other.edges.filter(isNew)],
  };
}

/** Equal for graphs that are drawn alike. */
function signature({ nodes, edges }: DagGraph): string {
  const names = nodes.map(({ id, op, rank, attrs }) => `${id}${op}${rank} ${widthOf(attrs)}`);
  return `${names.join()} ${edges.map(({ id }) => id).join()}`;
}
