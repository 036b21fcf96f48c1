import { describe, expect, it } from "vitest";
import type { DagEdge, DagGraph, EdgeAppearance } from "./graph";
import { hitTest } from "./hitTest";
import { assignTracks, computeGeometry, layoutStyle } from "./layout";
import { nextTarget } from "./navigation";

function complete(n: number): DagGraph {
  const nodes = Array.from({ length: n }, (_, id) => ({ id, op: "conv1", rank: id }));
  const edges: DagEdge[] = [];
  for (let a = 0; a < n; a++)
    for (let b = a + 1; b < n; b++) edges.push({ id: `${a}-${b}`, source: a, target: b });
  return { nodes, edges };
}

/** A random subset of a complete graph's edges, with a fixed seed; ranks are the reverse of ids. */
function sparse(n: number, share: number, seed: number): DagGraph {
  let state = seed;
  const random = () => {
    state = (state * 16807) % 2147483647;
    return state / 2147483647;
  };
  const whole = complete(n);
  return {
    nodes: whole.nodes.map((node) => ({ ...node, rank: n - node.id })),
    edges: whole.edges
      .filter(() => random() < share)
      .map(({ source, target }) => ({ id: `${target}-${source}`, source: target, target: source })),
  };
}

const GRAPHS: [string, DagGraph][] = [
  ["two nodes", complete(2)],
  ["the complete cell of 6", complete(6)],
  ["the complete cell of 8", complete(8)],
  ["the complete cell of 13", complete(13)],
  ["a complete graph of 40", complete(40)],
  ["a sparse graph of 12", sparse(12, 0.3, 7)],
  ["a sparse graph of 30", sparse(30, 0.2, 11)],
];

const BOXES = [
  { width: 680, height: 364 },
  { width: 336, height: 270 },
];

function drawn(graph: DagGraph, box = BOXES[0] ?? { width: 0, height: 0 }) {
  return computeGeometry(graph, assignTracks(graph), box, layoutStyle(box, graph.nodes.length));
}

describe.each(GRAPHS)("%s", (_, graph) => {
  it.each(BOXES)("gives every edge its own piece of wire at $width px", (box) => {
    const runs = [...drawn(graph, box).runs.values()];
    expect(runs).toHaveLength(graph.edges.length);
    const byWire = new Map<string, typeof runs>();
    for (const run of runs) byWire.set(run.y.toFixed(6), [...(byWire.get(run.y.toFixed(6)) ?? []), run]);
    for (const shared of byWire.values()) {
      shared.sort((a, b) => a.from - b.from);
      for (let i = 1; i < shared.length; i++) {
        expect(shared[i]?.from).toBeGreaterThan(shared[i - 1]?.to ?? Number.POSITIVE_INFINITY);
      }
    }
  });

  it.each(BOXES)("gives every end its own port at $width px", (box) => {
    for (const side of [1, -1]) {
      const ports = [...drawn(graph, box).runs.values()]
        .filter((r) => r.side === side)
        .flatMap((r) => [r.from, r.to]);
      expect(new Set(ports.map((x) => x.toFixed(6))).size).toBe(ports.length);
    }
  });

  it("runs every edge from left to right", () => {
    for (const run of drawn(graph).runs.values()) expect(run.to).toBeGreaterThan(run.from);
  });
});

describe("wires", () => {
  it("needs no more wires than the fullest gap of a complete graph has edges", () => {
    for (const n of [3, 6, 8, 11, 20]) {
      expect(assignTracks(complete(n)).levels).toBe(Math.ceil(Math.floor((n * n) / 4) / 2));
    }
  });

  it("keeps short edges near the nodes", () => {
    const { wire } = assignTracks(complete(8));
    expect(Math.abs(wire.get("3-4") ?? 0)).toBe(1);
    expect(Math.abs(wire.get("0-7") ?? 0)).toBe(8);
  });

  it("moves nothing when edges are removed, because it lays out the whole graph", () => {
    const graph = complete(8);
    expect(assignTracks({ ...graph, edges: [...graph.edges].reverse() }).wire).toEqual(
      assignTracks(graph).wire,
    );
  });

  it("balances the two sides of a node", () => {
    const { wire } = assignTracks(complete(8));
    const above = [...wire.entries()].filter(([id, level]) => id.startsWith("0-") && level > 0).length;
    expect(above).toBeGreaterThanOrEqual(2);
    expect(above).toBeLessThanOrEqual(5);
  });

  it("takes far less than a millisecond for a cell of 8", () => {
    const graph = complete(8);
    const once = () => {
      const start = performance.now();
      for (let i = 0; i < 50; i++) assignTracks(graph);
      return (performance.now() - start) / 50;
    };
    // The best of several runs, because the machine may be busy.
    expect(Math.min(...Array.from({ length: 8 }, once))).toBeLessThan(0.5);
  });
});

describe("pointing", () => {
  const graph = complete(8);
  const geometry = drawn(graph);
  const looks = (removed: string[] = []): EdgeAppearance[] =>
    graph.edges.map(({ id }) => ({
      id,
      state: removed.includes(id) ? "removed" : "active",
      importance: null,
      tests: 0,
      pending: false,
      label: "",
    }));

  it("finds the edge under the pointer", () => {
    const run = geometry.runs.get("2-6");
    expect(hitTest(geometry, looks(), run?.middle ?? 0, (run?.y ?? 0) + 2)).toBe("2-6");
  });
  it("hits a removed edge only if it is nearer than any active edge", () => {
    const run = geometry.runs.get("0-7");
    const [x, y] = [run?.middle ?? 0, run?.y ?? 0];
    expect(hitTest(geometry, looks(["0-7"]), x, y + (run?.side ?? 1) * -3)).toBe("0-7");
    expect(hitTest(geometry, looks(["0-7"]), x, y + (run?.side ?? 1) * -6)).not.toBe("0-7");
    expect(hitTest(geometry, looks(), x, y)).toBe("0-7");
  });
  it("gives a finger twice the reach", () => {
    const run = geometry.runs.get("0-7");
    const [x, y] = [run?.middle ?? 0, (run?.y ?? 0) + (run?.side ?? 1) * -12];
    expect(hitTest(geometry, looks(), x, y)).toBeNull();
    expect(hitTest(geometry, looks(), x, y, true)).toBe("0-7");
  });
  it("finds nothing away from all edges", () => {
    expect(hitTest(geometry, looks(), -50, -50)).toBeNull();
  });
});

describe("arrow keys", () => {
  it("walk over targets and sources", () => {
    const graph = complete(4);
    expect(nextTarget(graph, "0-1", "ArrowRight")).toBe("0-2");
    expect(nextTarget(graph, "0-2", "ArrowDown")).toBe("1-2");
    expect(nextTarget(graph, "1-2", "ArrowUp")).toBe("0-2");
  });
  it("stay put at the border and start at the first edge", () => {
    const graph = complete(4);
    expect(nextTarget(graph, "0-1", "ArrowLeft")).toBe("0-1");
    expect(nextTarget(graph, null, "ArrowRight")).toBe("0-1");
    expect(nextTarget(graph, "0-1", "x")).toBeNull();
  });
  it("walk from node to node, and from a node to an edge in or out", () => {
    const graph = complete(4);
    expect(nextTarget(graph, "1", "ArrowRight")).toBe("2");
    expect(nextTarget(graph, "0", "ArrowLeft")).toBe("0");
    expect(nextTarget(graph, "1", "ArrowDown")).toBe("1-2");
    expect(nextTarget(graph, "1", "ArrowUp")).toBe("0-1");
    expect(nextTarget(graph, "0", "ArrowUp")).toBe("0");
  });
  it("change between an edge and its node with N", () => {
    const graph = complete(4);
    expect(nextTarget(graph, "1-3", "n")).toBe("1");
    expect(nextTarget(graph, "1", "N")).toBe("1-2");
    expect(nextTarget(graph, null, "n")).toBe("0");
  });
});
