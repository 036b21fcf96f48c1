// For tests: a small chain, as a search over the space `chain` starts from.
import type { DagEdge, DagGraph, Scene } from "../dag/graph";
import type { Attrs } from "../live/events";

interface BlockNode {
  id: number;
  op: string;
  rank: number;
  attrs: Attrs;
}

export const block = (id: number, attrs: Attrs, op = "k3e6"): BlockNode => ({ id, op, rank: id, attrs });

export const CHAIN: { nodes: readonly BlockNode[]; edges: readonly DagEdge[] } = {
  nodes: [
    block(0, {}, "input"),
    block(1, { filters: 8, stride: 1 }, "stem"),
    block(2, { bottleneck: 8, filters: 16, layers: 1, stride: 1 }),
    block(3, { bottleneck: 16, filters: 64, layers: 3, stride: 2 }, "k7e4"),
    block(4, { bottleneck: 24, filters: 32, layers: 2, stride: 2 }),
  ],
  edges: [0, 1, 2, 3].map((id) => ({ id: `${id}-${id + 1}`, source: id, target: id + 1 })),
};

export function sceneOf({ nodes }: DagGraph, about: Partial<Scene> = {}): Scene {
  return {
    edges: [],
    nodes: nodes.map(({ id, op, attrs = {} }) => ({
      ...{ id, op, attrs, width: null, removed: false, leaf: false, locked: false, pending: false },
      label: `Block ${id}`,
    })),
    focus: null,
    ...about,
  };
}
