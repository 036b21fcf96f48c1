// First step of the layout: every node gets a layer, so that all edges go forwards, and an edge that skips layers gets a
// waypoint in each of them. Items are numbered: first the nodes by rank, then the waypoints.
import { type DagEdge, sortByRank } from "../graph";

export interface Layering {
  /** node ids by item; the first items are the nodes */
  readonly ids: readonly number[];
  /** the layer of each item */
  readonly layer: readonly number[];
  /** items one layer before and after that each item is linked to */
  readonly before: readonly (readonly number[])[];
  readonly after: readonly (readonly number[])[];
  /** items from source to target */
  readonly chains: ReadonlyMap<string, readonly number[]>;
  readonly depth: number;
}

/**
 * Above this many waypoints, edges with the same source share theirs: one line that branches, as one tensor that is read
 * several times. A complete graph of 100 nodes would have 160,000 waypoints, and has 4,900 then.
 */
export const MOST_WAYPOINTS = 12_000;

/** `former`: layers of node ids in an earlier layout, which are kept where edges still go forwards. */
export function assignLayers(
  nodes: readonly { id: number; rank: number }[],
  edges: readonly DagEdge[],
  former: ReadonlyMap<number, number> = new Map(),
): Layering {
  const ids = sortByRank(nodes).map(({ id }) => id);
  const item = new Map(ids.map((id, i) => [id, i]));
  const links = edges.flatMap(({ id, source, target }) => {
    const [from, to] = [item.get(source), item.get(target)];
    return from !== undefined && to !== undefined && from < to ? [{ id, from, to }] : [];
  });
  const layer = layersOf(ids, links, former);

  const waypoints = links.reduce((sum, { from, to }) => sum + (layer[to] ?? 0) - (layer[from] ?? 0) - 1, 0);
  const shared = waypoints > MOST_WAYPOINTS;
  const before: number[][] = ids.map(() => []);
  const after: number[][] = ids.map(() => []);
  const chains = new Map<string, readonly number[]>();
  const known = new Map<string, number>();
  const waypoint = (edge: string, from: number, at: number): number => {
    const key = shared ? `${from} ${at}` : `${edge} ${at}`;
    const found = known.get(key);
    if (found !== undefined) return found;
    const made = layer.push(at) - 1;
    before.push([]);
    after.push([]);
    known.set(key, made);
    return made;
  };
  for (const { id, from, to } of links) {
    const chain = [from];
    for (let at = (layer[from] ?? 0) + 1; at < (layer[to] ?? 0); at++) chain.push(waypoint(id, from, at));
    chain.push(to);
    chains.set(id, chain);
    for (let i = 1; i < chain.length; i++) {
      const [a = 0, b = 0] = [chain[i - 1], chain[i]];
      if (after[a]?.includes(b)) continue;
      after[a]?.push(b);
      before[b]?.push(a);
    }
  }
  return {
    ids,
    layer,
    before,
    after,
    chains,
    depth: layer.reduce((most, each) => Math.max(most, each + 1), 0),
  };
}

function layersOf(
  ids: readonly number[],
  links: readonly { from: number; to: number }[],
  former: ReadonlyMap<number, number>,
): number[] {
  const sources: number[][] = ids.map(() => []);
  const targets: number[][] = ids.map(() => []);
  for (const { from, to } of links) {
    sources[to]?.push(from);
    targets[from]?.push(to);
  }
  const layer: number[] = [];
  ids.forEach((id, i) => {
    const least = (sources[i] ?? []).reduce((most, from) => Math.max(most, (layer[from] ?? 0) + 1), 0);
    layer.push(Math.max(least, former.get(id) ?? 0));
  });
  // The longest path from the start puts nodes early. One with more edges out than in goes to its targets: fewer waypoints.
  for (let i = ids.length - 1; i >= 0; i--) {
    const to = targets[i] ?? [];
    if (former.has(ids[i] ?? -1) || to.length === 0 || to.length <= (sources[i]?.length ?? 0)) continue;
    layer[i] = to.reduce(
      (least, target) => Math.min(least, (layer[target] ?? 0) - 1),
      Number.POSITIVE_INFINITY,
    );
  }
  // Layers that nodes have left disappear.
  const used = [...new Set(layer)].sort((a, b) => a - b);
  const renumbered = new Map(used.map((each, i) => [each, i]));
  return layer.map((each) => renumbered.get(each) ?? 0);
}
