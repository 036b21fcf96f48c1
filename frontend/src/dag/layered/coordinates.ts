// Third step of the layout: where each item is across its layer. Long edges come out straight, and nothing overlaps.
// Brandes and Köpf, Fast and simple horizontal coordinate assignment (2001): items are aligned with a middle neighbour in
// four directions, each alignment is packed, and the result is the mean of the two middle ones.
import type { Layering } from "./layers";
import { type Order, positions } from "./order";

/** `sizes`: the extent of each item across its layer; `gap`: the space between two items. */
export function assignCoordinates(
  layering: Layering,
  order: Order,
  sizes: readonly number[],
  gap: (a: number, b: number) => number,
): number[] {
  const items = layering.layer.length;
  const conflicts = findConflicts(layering, order);
  const packed: number[][] = [];
  for (const upwards of [false, true]) {
    const layers = upwards ? [...order].reverse() : order;
    const neighbours = upwards ? layering.after : layering.before;
    for (const mirrored of [false, true]) {
      const arranged = mirrored ? layers.map((layer) => [...layer].reverse()) : layers;
      const roots = align(arranged, neighbours, conflicts, items);
      const x = pack(arranged, roots, sizes, gap);
      packed.push(mirrored ? x.map((each) => -each) : x);
    }
  }
  return middleOf(packed, sizes);
}

const pair = (a: number, b: number, items: number): number => Math.min(a, b) * items + Math.max(a, b);

/** Links that cross one between two waypoints: they give in, so that long edges stay straight. */
function findConflicts({ ids, layer, before }: Layering, order: Order): ReadonlySet<number> {
  const [items, position] = [layer.length, positions(order, layer.length)];
  const found = new Set<number>();
  for (let i = 1; i < order.length; i++) {
    const row = order[i] ?? [];
    let [left, scanned] = [0, 0];
    row.forEach((item, at) => {
      const above = before[item]?.[0];
      const inner = item >= ids.length && above !== undefined && above >= ids.length;
      if (!inner && at < row.length - 1) return;
      const right = inner ? (position[above] ?? 0) : (order[i - 1]?.length ?? 0);
      for (; scanned <= at; scanned++) {
        const each = row[scanned] ?? 0;
        for (const other of before[each] ?? []) {
          const where = position[other] ?? 0;
          const isInner = each >= ids.length && other >= ids.length;
          if ((where < left || where > right) && !isInner) found.add(pair(other, each, items));
        }
      }
      left = right;
    });
  }
  return found;
}

/** The first item of the block that each item is aligned with. */
function align(
  layers: Order,
  neighbours: readonly (readonly number[])[],
  conflicts: ReadonlySet<number>,
  items: number,
): number[] {
  const root = Array.from({ length: items }, (_, i) => i);
  const next = Array.from({ length: items }, (_, i) => i);
  const position = positions(layers, items);
  for (const layer of layers) {
    let taken = -1;
    for (const item of layer) {
      const sorted = [...(neighbours[item] ?? [])].sort((a, b) => (position[a] ?? 0) - (position[b] ?? 0));
      const middle = (sorted.length - 1) / 2;
      for (let i = Math.floor(middle); sorted.length > 0 && i <= Math.ceil(middle); i++) {
        const other = sorted[i] ?? 0;
        const at = position[other] ?? 0;
        if (next[item] !== item || at <= taken || conflicts.has(pair(other, item, items))) continue;
        next[other] = item;
        root[item] = root[other] ?? other;
        next[item] = root[item] ?? item;
        taken = at;
      }
    }
  }
  return root;
}

/** The least coordinate of each block that keeps the distances, then everything moves as close to its right as it can. */
function pack(
  layers: Order,
  root: readonly number[],
  sizes: readonly number[],
  gap: (a: number, b: number) => number,
): number[] {
  const right = new Map<number, Map<number, number>>();
  const left = new Map<number, Map<number, number>>();
  const waiting = new Map<number, number>();
  const follow = (map: Map<number, Map<number, number>>, from: number, to: number, by: number) => {
    const found = map.get(from) ?? new Map<number, number>();
    map.set(from, found);
    found.set(to, Math.max(found.get(to) ?? 0, by));
  };
  for (const layer of layers) {
    layer.forEach((item, i) => {
      const block = root[item] ?? item;
      waiting.set(block, waiting.get(block) ?? 0);
      const previous = layer[i - 1];
      if (previous === undefined) return;
      const by = ((sizes[previous] ?? 0) + (sizes[item] ?? 0)) / 2 + gap(previous, item);
      follow(right, root[previous] ?? previous, block, by);
      follow(left, block, root[previous] ?? previous, by);
    });
  }
  for (const [block, others] of left) waiting.set(block, others.size);
  const ready = [...waiting].filter(([, count]) => count === 0).map(([block]) => block);
  const x = new Map<number, number>();
  for (let i = 0; i < ready.length; i++) {
    const block = ready[i] ?? 0;
    let least = 0;
    for (const [other, by] of left.get(block) ?? []) least = Math.max(least, (x.get(other) ?? 0) + by);
    x.set(block, least);
    for (const other of right.get(block)?.keys() ?? []) {
      const count = (waiting.get(other) ?? 0) - 1;
      waiting.set(other, count);
      if (count === 0) ready.push(other);
    }
  }
  for (let i = ready.length - 1; i >= 0; i--) {
    const block = ready[i] ?? 0;
    let most = Number.POSITIVE_INFINITY;
    for (const [other, by] of right.get(block) ?? []) most = Math.min(most, (x.get(other) ?? 0) - by);
    if (Number.isFinite(most)) x.set(block, Math.max(x.get(block) ?? 0, most));
  }
  return root.map((block) => x.get(block) ?? 0);
}

/** All four are moved to the narrowest one, at its left or right side; then the mean of the two middle values. */
function middleOf(packed: readonly (readonly number[])[], sizes: readonly number[]): number[] {
  const spans = packed.map((x) => {
    let [low, high] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
    x.forEach((each, item) => {
      low = Math.min(low, each - (sizes[item] ?? 0) / 2);
      high = Math.max(high, each + (sizes[item] ?? 0) / 2);
    });
    return { low, high };
  });
  const narrowest = spans.reduce((best, each) => (each.high - each.low < best.high - best.low ? each : best));
  const moved = packed.map((x, i) => {
    const span = spans[i] ?? narrowest;
    const by = i % 2 === 0 ? narrowest.low - span.low : narrowest.high - span.high;
    return x.map((each) => each + by);
  });
  const mean = (moved[0] ?? []).map((_, item) => {
    const values = moved.map((x) => x[item] ?? 0).sort((a, b) => a - b);
    return ((values[1] ?? 0) + (values[2] ?? 0)) / 2;
  });
  const start = mean.reduce(
    (low, each, item) => Math.min(low, each - (sizes[item] ?? 0) / 2),
    Number.POSITIVE_INFINITY,
  );
  return mean.map((each) => each - start);
}
