// Graphs for tests of the layered drawing.
import type { LayeredGraph } from "../dag/layered/graph";

export function graphOf(nodes: number, edges: readonly (readonly [number, number])[]): LayeredGraph {
  return {
    nodes: Array.from({ length: nodes }, (_, id) => ({
      id,
      rank: id,
      title: `${id} ${id % 2 ? "sep3" : "conv1"}`,
      detail: id % 3 ? "64×32×32" : "",
      name: `node${id}`,
    })),
    edges: edges.map(([source, target]) => ({ id: `${source}-${target}`, source, target, size: "" })),
  };
}

/** A repeatable stream of numbers from 0 to 1 (mulberry32). */
export function stream(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

export function randomGraph(nodes: number, edges: number, seed: number, reach = nodes): LayeredGraph {
  const next = stream(seed);
  const found = new Map<string, readonly [number, number]>();
  while (found.size < edges) {
    const source = Math.floor(next() * (nodes - 1));
    const target = source + 1 + Math.floor(next() * Math.min(reach, nodes - source - 1));
    found.set(`${source}-${target}`, [source, target]);
  }
  return graphOf(nodes, [...found.values()]);
}

export const complete = (nodes: number) =>
  graphOf(
    nodes,
    Array.from({ length: nodes }, (_, a) =>
      Array.from({ length: nodes - a - 1 }, (_, i) => [a, a + 1 + i] as const),
    ).flat(),
  );
