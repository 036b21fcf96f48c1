// Arrow key navigation, the same in every drawing. On an edge, left and right change its target, up and down its source.
// On a node, left and right go to its neighbours, up to an incoming edge, down to an outgoing one. N switches between an
// edge and its source.
import { type DagEdge, type DagGraph, nodeNumber, sortByRank, type Target } from "./graph";

const STEPS: Record<string, readonly [source: number, target: number]> = {
  ArrowRight: [0, 1],
  ArrowLeft: [0, -1],
  ArrowDown: [1, 0],
  ArrowUp: [-1, 0],
};

/** The target that a key leads to; null for other keys. Stays in place at the border. */
export function nextTarget(graph: DagGraph, current: Target | null, key: string): Target | null {
  const node = nodeNumber(current);
  if (/^n$/i.test(key)) return toggleEdgeNode(graph, current, node);
  if (!(key in STEPS)) return null;
  return node === null ? moveFromEdge(graph, current, key) : moveFromNode(graph, node, key);
}

function toggleEdgeNode(graph: DagGraph, current: Target | null, node: number | null): Target | null {
  if (node !== null) return edgeAt(graph, node, "source") ?? edgeAt(graph, node, "target");
  const edge = graph.edges.find((each) => each.id === current);
  const first = edge?.source ?? sortByRank(graph.nodes)[0]?.id;
  return first === undefined ? null : String(first);
}

function moveFromNode(graph: DagGraph, node: number, key: string): Target {
  const order = sortByRank(graph.nodes).map(({ id }) => id);
  const at = order.indexOf(node);
  const stay = String(node);
  switch (key) {
    case "ArrowDown":
      return edgeAt(graph, node, "source") ?? stay;
    case "ArrowUp":
      return edgeAt(graph, node, "target") ?? stay;
    default:
      return String(order[at + (key === "ArrowRight" ? 1 : -1)] ?? node);
  }
}

function edgeAt(graph: DagGraph, node: number, end: "source" | "target"): Target | null {
  return graph.edges.find((edge) => edge[end] === node)?.id ?? null;
}

function moveFromEdge(graph: DagGraph, current: Target | null, key: string): Target | null {
  const [down, right] = STEPS[key] ?? [0, 0];
  const place = new Map(sortByRank(graph.nodes).map((node, i) => [node.id, i]));
  const at = (edge: DagEdge) => [place.get(edge.source) ?? 0, place.get(edge.target) ?? 0] as const;
  const start = graph.edges.find((edge) => edge.id === current);
  if (!start) return graph.edges[0]?.id ?? null;
  const [row, column] = at(start);
  let best = start;
  let least = Number.POSITIVE_INFINITY;
  for (const edge of graph.edges) {
    const [r, c] = at(edge);
    const ahead = (r - row) * down + (c - column) * right;
    const aside = Math.abs((r - row) * right) + Math.abs((c - column) * down);
    // If edges are missing, take the nearest edge in that direction, straight ones before diagonal ones.
    const far = ahead + aside * 100;
    if (ahead > 0 && far < least) [least, best] = [far, edge];
  }
  return best.id;
}
