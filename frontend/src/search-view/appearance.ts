// How a moment looks in the drawing of all parts that the search ever had: parts that came later are not there yet.
import type { DagGraph, EdgeAppearance, NodeAppearance } from "../dag/graph";
import { edgeLabel, nodeLabel } from "./explanation";
import type { Moment } from "./moment";

export function edgeAppearances(graph: DagGraph, moment: Moment): EdgeAppearance[] {
  const edges = new Map(moment.edges.map((edge) => [edge.id, edge]));
  return graph.edges.map(({ id, source, target }) => {
    const edge = edges.get(id);
    if (edge) return { ...edge, pending: edge.pendingCommand !== null, label: edgeLabel(edge, moment) };
    const label = `Edge ${source} to ${target}, not added yet`;
    return { id, state: "removed", importance: null, tests: 0, pending: false, label };
  });
}

export function nodeAppearances(graph: DagGraph, moment: Moment): NodeAppearance[] {
  const nodes = new Map(moment.nodes.map((node) => [node.id, node]));
  return graph.nodes.map(({ id, op }) => {
    const node = nodes.get(id);
    if (node) return { ...node, pending: node.pendingCommand !== null, label: nodeLabel(node) };
    const label = `Node ${id}, ${op}, not added yet`;
    return { id, op, width: null, removed: true, leaf: false, locked: false, pending: false, label };
  });
}
