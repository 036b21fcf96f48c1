// Arrow keys in a layered drawing. With the direction of running: from a node to the next one that reads it, from an edge to
// its target; against it to what it reads. Sideways: to the neighbour in the layer, or to the next edge of the same
// source. N switches between a node and an edge.
import { nodeNumber, type Target } from "../graph";
import type { LayeredEdge, LayeredGraph } from "./graph";
import type { Layout } from "./layout";

const SIDES: Record<string, readonly [dx: number, dy: number]> = {
  ArrowRight: [1, 0],
  ArrowLeft: [-1, 0],
  ArrowDown: [0, 1],
  ArrowUp: [0, -1],
};

/** What a key leads to; null for other keys. The first key leads to the first node. */
export function walk(
  graph: LayeredGraph,
  layout: Layout,
  current: Target | null,
  key: string,
): Target | null {
  const side = SIDES[key];
  const toggles = /^n$/i.test(key);
  if (!side && !toggles) return null;
  const node = nodeNumber(current);
  const edge = graph.edges.find(({ id }) => id === current);
  if (!edge && (node === null || !layout.boxes.has(node))) return first(layout);
  const [forwards, aside] = !side ? [0, 0] : layout.direction === "down" ? [side[1], side[0]] : side;
  if (edge) {
    if (toggles || forwards < 0) return String(edge.source);
    if (forwards > 0) return String(edge.target);
    return step(sorted(graph, layout, "source", edge.source), edge, aside).id;
  }
  const from = node ?? 0;
  if (toggles)
    return (
      (sorted(graph, layout, "source", from)[0] ?? sorted(graph, layout, "target", from)[0])?.id ?? current
    );
  if (forwards !== 0) return String(along(graph, layout, from, forwards));
  const row = layout.layers.find((ids) => ids.includes(from)) ?? [];
  return String(row[row.indexOf(from) + aside] ?? from);
}

function first(layout: Layout): Target | null {
  const id = layout.layers[0]?.[0];
  return id === undefined ? null : String(id);
}

/** The neighbour that is least to the side. */
function along({ edges }: LayeredGraph, layout: Layout, node: number, forwards: number): number {
  const [near, other] = forwards > 0 ? (["source", "target"] as const) : (["target", "source"] as const);
  const at = across(layout, node);
  const others = edges.filter((edge) => edge[near] === node).map((edge) => edge[other]);
  const away = (id: number) => Math.abs(across(layout, id) - at);
  return others.reduce((best, id) => (away(id) < away(best) ? id : best), others[0] ?? node);
}

function sorted(graph: LayeredGraph, layout: Layout, end: "source" | "target", node: number): LayeredEdge[] {
  const other = end === "source" ? "target" : "source";
  return graph.edges
    .filter((edge) => edge[end] === node)
    .sort((a, b) => across(layout, a[other]) - across(layout, b[other]) || a[other] - b[other]);
}

function step(edges: readonly LayeredEdge[], edge: LayeredEdge, by: number): LayeredEdge {
  return edges[edges.indexOf(edge) + by] ?? edge;
}

function across(layout: Layout, node: number): number {
  const box = layout.boxes.get(node);
  return (layout.direction === "down" ? box?.x : box?.y) ?? 0;
}
