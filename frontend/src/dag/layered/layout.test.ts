// The layered layout: edges go forwards, nothing overlaps, few crossings, and small edits move little.
import { describe, expect, it } from "vitest";
import { complete, graphOf, randomGraph } from "../../testing/layeredGraphs";
import type { Direction, LayeredGraph } from "./graph";
import { type Layout, layOut } from "./layout";

/** Two chains that cross in the order of their numbers, and do not have to. */
const ladder = graphOf(8, [
  [0, 3],
  [1, 2],
  [3, 4],
  [2, 5],
  [4, 7],
  [5, 6],
]);

const GRAPHS: readonly [name: string, graph: LayeredGraph, mostCrossings: number][] = [
  ["nothing", graphOf(0, []), 0],
  ["one node", graphOf(1, []), 0],
  ["nodes without edges", graphOf(5, []), 0],
  ["a ladder", ladder, 0],
  ["a complete cell of 8 nodes", complete(8), 22],
  ["a complete cell of 16 nodes", complete(16), 807],
  ["40 nodes and 60 edges", randomGraph(40, 60, 1), 44],
  ["200 nodes and 400 edges", randomGraph(200, 400, 2, 20), 864],
  ["100 nodes and all 4,950 edges", complete(100), 77_224],
  ["500 nodes and 5,000 edges", randomGraph(500, 5_000, 3), 350_826],
];
const DIRECTIONS: readonly Direction[] = ["down", "right"];
const CASES = GRAPHS.flatMap(([name, graph, most]) =>
  DIRECTIONS.map((direction) => [name, direction, graph, most] as const),
);

const without = (graph: LayeredGraph, edge: string): LayeredGraph => ({
  ...graph,
  edges: graph.edges.filter(({ id }) => id !== edge),
});
const numbers = ({ boxes, pieces, routes }: Layout) => ({
  boxes: [...boxes.values()],
  pieces,
  routes: [...routes],
});

describe.each(CASES)("%s, laid out %s", (_, direction, graph, most) => {
  const layout = layOut(graph, direction);

  it("has a box for every node and a line for every edge", () => {
    expect([...layout.boxes.keys()].sort((a, b) => a - b)).toEqual(graph.nodes.map(({ id }) => id));
    expect([...layout.routes.keys()].sort()).toEqual(graph.edges.map(({ id }) => id).sort());
  });

  it("lets every edge go forwards, from its source's box to its target's", () => {
    const [at, side] = direction === "down" ? (["y", "height"] as const) : (["x", "width"] as const);
    const wrong = graph.edges.filter(({ id, source, target }) => {
      const [from, to] = [layout.boxes.get(source), layout.boxes.get(target)];
      const route = (layout.routes.get(id) ?? []).map((index) => layout.pieces[index]);
      const [first, last] = [route[0], route.at(-1)];
      if (!from || !to || !first || !last) return true;
      const forwards = route.every((piece) => piece && piece.leave[at] < piece.enter[at]);
      const joined = route.every((piece, i) => {
        const next = route[i + 1];
        return !next || (piece?.end[at] === next.start[at] && piece.end.x === next.start.x);
      });
      const meets = first.start[at] === from[at] + from[side] / 2 && last.end[at] === to[at] - to[side] / 2;
      return !(forwards && joined && meets);
    });
    expect(wrong).toEqual([]);
  });

  it("lets no two boxes overlap, and none leave the drawing", () => {
    const boxes = [...layout.boxes.values()].sort((a, b) => a.y - b.y);
    const overlapping = boxes.flatMap((a, i) =>
      boxes
        .slice(i + 1)
        .filter(
          (b) =>
            Math.abs(a.x - b.x) < (a.width + b.width) / 2 - 0.01 &&
            Math.abs(a.y - b.y) < (a.height + b.height) / 2 - 0.01,
        )
        .map((b) => [a.id, b.id]),
    );
    expect(overlapping).toEqual([]);
    const outside = boxes.filter(
      ({ x, y, width, height }) =>
        x - width / 2 < 0 ||
        y - height / 2 < 0 ||
        x + width / 2 > layout.width ||
        y + height / 2 > layout.height,
    );
    expect(outside).toEqual([]);
    const low = layout.pieces.filter(({ leave, enter }) => Math.min(leave.x, leave.y, enter.x, enter.y) < 0);
    const high = layout.pieces.filter(
      ({ leave, enter }) =>
        Math.max(leave.x, enter.x) > layout.width || Math.max(leave.y, enter.y) > layout.height,
    );
    expect([...low, ...high]).toEqual([]);
  });

  it("crosses lines no more often than recorded", () => {
    expect(layout.crossings).toBeLessThanOrEqual(most);
  });

  it("is the same each time", () => {
    expect(numbers(layOut(graph, direction))).toEqual(numbers(layout));
  });
});

describe("a layout after a small edit", () => {
  const graph = randomGraph(60, 150, 5, 12);
  const before = layOut(graph, "down");

  it("keeps layers and order when any one edge is gone", () => {
    const moved = graph.edges.filter(
      ({ id }) =>
        JSON.stringify(layOut(without(graph, id), "down", before).layers) !== JSON.stringify(before.layers),
    );
    expect(moved).toEqual([]);
  });

  it("draws nothing for an edge that is gone", () => {
    const gone = graph.edges[7]?.id ?? "";
    expect(layOut(without(graph, gone), "down", before).routes.has(gone)).toBe(false);
  });

  it("is the former one when the edge comes back", () => {
    const gone = graph.edges[7]?.id ?? "";
    const after = layOut(graph, "down", layOut(without(graph, gone), "down", before));
    expect(after.layers.length).toBe(before.layers.length);
    expect(after.crossings).toBeLessThanOrEqual(before.crossings);
  });

  it("keeps the layers of all other nodes when a node comes last", () => {
    const grown = graphOf(61, [
      ...graph.edges.map(({ source, target }) => [source, target] as const),
      [59, 60],
    ]);
    const after = layOut(grown, "down", before);
    expect(after.layers.map((layer) => layer.filter((id) => id < 60).sort())).toEqual([
      ...before.layers.map((layer) => [...layer].sort()),
      ...after.layers.slice(before.layers.length).map(() => []),
    ]);
  });

  it("moves a node to a later layer only if an edge would go backwards", () => {
    const later = layOut(
      graphOf(3, [
        [0, 1],
        [1, 2],
      ]),
      "down",
      layOut(
        graphOf(3, [
          [0, 1],
          [0, 2],
        ]),
        "down",
      ),
    );
    expect(later.layers).toEqual([[0], [1], [2]]);
  });
});

describe("lines", () => {
  it("run straight past the layers that they skip", () => {
    const layout = layOut(
      graphOf(6, [
        [0, 1],
        [1, 2],
        [2, 3],
        [3, 4],
        [4, 5],
        [0, 5],
      ]),
      "down",
    );
    const inner = (layout.routes.get("0-5") ?? []).slice(1, -1).map((index) => layout.pieces[index]);
    expect(inner).toHaveLength(3);
    expect(new Set(inner.map((piece) => piece?.leave.x)).size).toBe(1);
    expect(inner.every((piece) => piece?.leave.x === piece?.enter.x)).toBe(true);
  });

  it("meet a node at different points", () => {
    const layout = layOut(
      graphOf(4, [
        [0, 3],
        [1, 3],
        [2, 3],
      ]),
      "right",
    );
    const ends = ["0-3", "1-3", "2-3"].map((id) => layout.pieces[layout.routes.get(id)?.[0] ?? 0]?.end.y);
    expect(new Set(ends).size).toBe(3);
  });

  it("are shared by edges of one source where waypoints would be too many", () => {
    const layout = layOut(complete(100), "down");
    expect(layout.pieces.some(({ edges }) => edges.length > 1)).toBe(true);
    expect(layout.pieces.length).toBeLessThan(10_000);
    expect(layOut(complete(8), "down").pieces.every(({ edges }) => edges.length === 1)).toBe(true);
  });
});
