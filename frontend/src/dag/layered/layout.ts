// Lays out a graph in layers, each node after all that it reads: layers, order, coordinates, then lines. Deterministic; a
// layout that is given the one before it keeps its layers and its order as far as edges still go forwards.
import { assignCoordinates } from "./coordinates";
import { boxOf, type Direction, type LayeredGraph } from "./graph";
import { assignLayers, type Layering } from "./layers";
import { countCrossings, initialOrder, type Order, positions, reduceCrossings } from "./order";

/** A node's box, by its middle. */
export interface Box {
  readonly id: number;
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/**
 * A piece of a line from one layer to the next: straight from `start` to the edge of its layer at `leave`, a curve across
 * the gap to `enter`, and straight to `end`. Pieces that edges share are there once.
 */
export interface Piece {
  readonly start: Point;
  readonly leave: Point;
  /** the ends of the curve's handles */
  readonly bend: Point;
  readonly bow: Point;
  readonly enter: Point;
  readonly end: Point;
  /** the edges that run along it */
  readonly edges: readonly string[];
  /** it ends at a node */
  readonly last: boolean;
}

export interface Point {
  readonly x: number;
  readonly y: number;
}

export interface Layout {
  readonly direction: Direction;
  readonly width: number;
  readonly height: number;
  readonly boxes: ReadonlyMap<number, Box>;
  readonly pieces: readonly Piece[];
  /** indexes of the pieces of each edge, from source to target */
  readonly routes: ReadonlyMap<string, readonly number[]>;
  /** node ids by layer, in order */
  readonly layers: readonly (readonly number[])[];
  readonly crossings: number;
  /** what the next layout starts from */
  readonly memory: Memory;
}

interface Memory {
  readonly layer: ReadonlyMap<number, number>;
  /** where each node and waypoint was in its layer, by a name that does not change */
  readonly position: ReadonlyMap<string, number>;
  readonly edges: ReadonlySet<string>;
}

const MARGIN = 24;
const NODE_GAP = 22;
const LINE_GAP = 9;
/** Between layers side by side there is room for the size on a line. */
const LAYER_GAP: Record<Direction, number> = { down: 38, right: 72 };
/** A gap that lines cross far to the side is higher, so that they do not run flat. */
const [STEEPNESS, HIGHEST_GAP] = [0.07, 110];
/** Lines leave and enter within this share of a node's side. */
const PORTS = 0.7;

export function layOut(graph: LayeredGraph, direction: Direction, former: Layout | null = null): Layout {
  const memory = former?.memory ?? null;
  const layering = assignLayers(graph.nodes, graph.edges, memory?.layer);
  const names = namesOf(layering);
  const order = orderOf(layering, names, memory);
  const boxes = new Map(graph.nodes.map((node) => [node.id, boxOf(node)]));
  const nodes = layering.ids.length;
  // Across a layer and along the direction, whichever of x and y that is.
  const [across, along] =
    direction === "down" ? (["width", "height"] as const) : (["height", "width"] as const);
  const sizes = layering.layer.map((_, item) => (item < nodes ? sizeOf(item, across) : 0));
  function sizeOf(item: number, side: "width" | "height"): number {
    return boxes.get(layering.ids[item] ?? -1)?.[side] ?? 0;
  }
  const isNode = (item: number) => item < nodes;
  const x = assignCoordinates(layering, order, sizes, (a, b) =>
    isNode(a) && isNode(b) ? NODE_GAP : isNode(a) || isNode(b) ? NODE_GAP / 2 + LINE_GAP / 2 : LINE_GAP,
  ).map((each) => each + MARGIN);

  const thick = order.map((items) =>
    items.reduce((most, item) => Math.max(most, isNode(item) ? sizeOf(item, along) : 0), 0),
  );
  const middles: number[] = [];
  let y = MARGIN;
  order.forEach((items, layer) => {
    const extent = thick[layer] ?? 0;
    middles.push(y + extent / 2);
    const reach = items.reduce(
      (most, item) =>
        (layering.after[item] ?? []).reduce(
          (far, each) => Math.max(far, Math.abs((x[each] ?? 0) - (x[item] ?? 0))),
          most,
        ),
      0,
    );
    y += extent + Math.min(HIGHEST_GAP, LAYER_GAP[direction] + reach * STEEPNESS);
  });
  const turn = (acrossAt: number, alongAt: number): Point =>
    direction === "down" ? { x: acrossAt, y: alongAt } : { x: alongAt, y: acrossAt };

  const middleOf = (item: number) => middles[layering.layer[item] ?? 0] ?? 0;
  const placed = new Map(
    layering.ids.map((id, item) => {
      const size = boxes.get(id) ?? { width: 0, height: 0 };
      return [id, { id, ...turn(x[item] ?? 0, middleOf(item)), ...size }];
    }),
  );
  const { pieces, routes } = draw();
  const last = order.length - 1;
  const length = last < 0 ? 0 : (middles[last] ?? 0) + (thick[last] ?? 0) / 2;
  const breadth = x.reduce((most, each, item) => Math.max(most, each + (sizes[item] ?? 0) / 2), 0);
  const end = turn(breadth + MARGIN, length + MARGIN);
  const position = positions(order, layering.layer.length);
  return {
    direction,
    width: end.x,
    height: end.y,
    boxes: placed,
    pieces,
    routes,
    layers: order.map((items) => items.filter(isNode).map((item) => layering.ids[item] ?? 0)),
    crossings: countCrossings(layering, order, position),
    memory: {
      layer: new Map(layering.ids.map((id, item) => [id, layering.layer[item] ?? 0])),
      position: new Map(names.map((name, item) => [name, position[item] ?? 0])),
      edges: new Set(layering.chains.keys()),
    },
  };

  function draw(): { pieces: Piece[]; routes: Map<string, number[]> } {
    const out = portsOf(layering.after);
    const into = portsOf(layering.before);
    const found = new Map<number, number>();
    const drawn: (Omit<Piece, "edges"> & { edges: string[] })[] = [];
    const result = new Map<string, number[]>();
    for (const [id, chain] of layering.chains) {
      const route: number[] = [];
      for (let i = 1; i < chain.length; i++) {
        const [a = 0, b = 0] = [chain[i - 1], chain[i]];
        const key = a * layering.layer.length + b;
        let index = found.get(key);
        if (index === undefined) {
          index = drawn.push(pieceOf(a, b, out.get(key) ?? 0, into.get(key) ?? 0)) - 1;
          found.set(key, index);
        }
        drawn[index]?.edges.push(id);
        route.push(index);
      }
      result.set(id, route);
    }
    return { pieces: drawn, routes: result };
  }

  function pieceOf(a: number, b: number, leaves: number, enters: number) {
    const [fromX, toX] = [(x[a] ?? 0) + leaves, (x[b] ?? 0) + enters];
    const half = (item: number) => (thick[layering.layer[item] ?? 0] ?? 0) / 2;
    // A waypoint's line crosses its whole layer; the piece that leaves it draws it.
    const start = isNode(a) ? middleOf(a) + sizeOf(a, along) / 2 : middleOf(a) - half(a);
    const end = isNode(b) ? middleOf(b) - sizeOf(b, along) / 2 : middleOf(b) - half(b);
    const [leave, enter] = [middleOf(a) + half(a), middleOf(b) - half(b)];
    return {
      start: turn(fromX, start),
      leave: turn(fromX, leave),
      bend: turn(fromX, (leave + enter) / 2),
      bow: turn(toX, (leave + enter) / 2),
      enter: turn(toX, enter),
      end: turn(toX, end),
      edges: [] as string[],
      last: isNode(b),
    };
  }

  /** Where each link meets a node's side, from its middle; by the same keys as pieces. */
  function portsOf(neighbours: readonly (readonly number[])[]): Map<number, number> {
    const outward = neighbours === layering.after;
    const result = new Map<number, number>();
    for (let item = 0; item < nodes; item++) {
      const others = [...(neighbours[item] ?? [])].sort((a, b) => (x[a] ?? 0) - (x[b] ?? 0) || a - b);
      const room = (sizes[item] ?? 0) * PORTS;
      const gap = others.length > 1 ? Math.min(14, room / (others.length - 1)) : 0;
      others.forEach((other, i) => {
        const key = outward ? item * layering.layer.length + other : other * layering.layer.length + item;
        result.set(key, (i - (others.length - 1) / 2) * gap);
      });
    }
    return result;
  }
}

/** "3" for node 3; for a waypoint the edge that made it and the layer. */
function namesOf({ ids, layer, chains }: Layering): string[] {
  const names = ids.map(String);
  for (const [edge, chain] of chains)
    for (const item of chain.slice(1, -1)) names[item] ??= `${edge} ${layer[item] ?? 0}`;
  return names;
}

/** Without new items: the previous order. Else sweeps start from it, and new items are placed next to their neighbours. */
function orderOf(layering: Layering, names: readonly string[], memory: Memory | null): Order {
  if (!memory) return reduceCrossings(layering);
  const where = names.map((name) => memory.position.get(name));
  layering.layer.forEach((_, item) => {
    where[item] ??= where[layering.before[item]?.[0] ?? -1] ?? 0;
  });
  const start = initialOrder(layering).map((items) =>
    [...items].sort((a, b) => (where[a] ?? 0) - (where[b] ?? 0) || a - b),
  );
  const grown =
    layering.ids.some((id) => !memory.layer.has(id)) ||
    [...layering.chains.keys()].some((edge) => !memory.edges.has(edge));
  return grown ? reduceCrossings(layering, start) : start;
}
