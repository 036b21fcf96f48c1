// Arrow keys over edges, the same in every drawing: left and right change the target, up and down the source.
import { type DagEdge, type DagGraph, inOrder } from "./graph";

const STEPS: Record<string, readonly [source: number, target: number]> = {
  ArrowRight: [0, 1],
  ArrowLeft: [0, -1],
  ArrowDown: [1, 0],
  ArrowUp: [-1, 0],
};

/** The edge that a key leads to; null where the key is no arrow. Stays put at the border. */
export function move(graph: DagGraph, current: string | null, key: string): string | null {
  const step = STEPS[key];
  if (!step) return null;
  const place = new Map(inOrder(graph.nodes).map((node, i) => [node.id, i]));
  const at = (edge: DagEdge) => [place.get(edge.source) ?? 0, place.get(edge.target) ?? 0] as const;
  const here = graph.edges.find((edge) => edge.id === current);
  if (!here) return graph.edges[0]?.id ?? null;
  const [row, column] = at(here);
  const [down, right] = step;
  let best = here;
  let least = Number.POSITIVE_INFINITY;
  for (const edge of graph.edges) {
    const [r, c] = at(edge);
    const ahead = (r - row) * down + (c - column) * right;
    const aside = Math.abs((r - row) * right) + Math.abs((c - column) * down);
    // In a graph with gaps the nearest edge that way will do, straight on before aslant.
    const far = ahead + aside * 100;
    if (ahead > 0 && far < least) [least, best] = [far, edge];
  }
  return best.id;
}
