// What differs between two cells, place by place. That has a meaning only where equal ids are equal places.
import type { ArchitectureDetail } from "../../api/types";
import { describeNode } from "../../dag/chain/blocks";
import type { DagEdge, DagGraph, DagNode } from "../../dag/graph";

/** What each of the two has alone. */
interface Alone<T> {
  readonly a: readonly T[];
  readonly b: readonly T[];
}

export interface CellDiff {
  /** edges of both */
  readonly shared: number;
  readonly edges: Alone<DagEdge>;
  readonly nodes: Alone<DagNode>;
  /** nodes of both whose operation, or an attribute of it, is another */
  readonly changed: readonly { readonly a: DagNode; readonly b: DagNode }[];
}

export function diffCells(a: DagGraph, b: DagGraph): CellDiff {
  const edges = { a: without(a.edges, b.edges), b: without(b.edges, a.edges) };
  const other = new Map(b.nodes.map((node) => [node.id, node]));
  const changed = a.nodes.flatMap((node) => {
    const same = other.get(node.id);
    return same && describeNode(same) !== describeNode(node) ? [{ a: node, b: same }] : [];
  });
  return {
    shared: a.edges.length - edges.a.length,
    edges,
    nodes: { a: without(a.nodes, b.nodes), b: without(b.nodes, a.nodes) },
    changed,
  };
}

function without<T extends { id: number | string }>(items: readonly T[], others: readonly T[]): T[] {
  const ids = new Set(others.map(({ id }) => id));
  return items.filter(({ id }) => !ids.has(id));
}

/** Every node and edge of either. */
export function unionOf(a: DagGraph, b: DagGraph): DagGraph {
  return {
    nodes: [...a.nodes, ...without(b.nodes, a.nodes)],
    edges: [...a.edges, ...without(b.edges, a.edges)],
  };
}

/** How often each has an operation, the most frequent first. */
export function countOperations(a: DagGraph, b: DagGraph): { op: string; a: number; b: number }[] {
  const counts = new Map<string, { op: string; a: number; b: number }>();
  for (const [side, { nodes }] of [["a", a] as const, ["b", b] as const])
    for (const node of nodes) {
      const op = describeNode(node);
      const count = counts.get(op) ?? { op, a: 0, b: 0 };
      counts.set(op, count);
      count[side] += 1;
    }
  return [...counts.values()].sort((x, y) => y.a + y.b - x.a - x.b || x.op.localeCompare(y.op));
}

type Compared = Pick<ArchitectureDetail, "hash" | "search" | "space" | "metric">;

/** `equal`: one cell. `places`: equal ids are equal places. Else why they are not. */
export type Comparability = "equal" | "places" | "other-space" | "other-settings" | "unknown-space";

export function comparabilityOf(a: Compared, b: Compared): Comparability {
  if (a.hash === b.hash) return "equal";
  if (a.search !== null && a.search === b.search) return "places";
  if (a.metric !== b.metric) return "other-space"; // one of images, one of words
  if (!a.space || !b.space) return "unknown-space";
  if (a.space.name !== b.space.name) return "other-space";
  return settingsOf(a.space) === settingsOf(b.space) ? "places" : "other-settings";
}

function settingsOf({ settings }: NonNullable<Compared["space"]>): string {
  return JSON.stringify(Object.entries(settings).sort(([one], [other]) => one.localeCompare(other)));
}
