// Second step of the layout: the order within each layer, with few crossings. Sweeps down and up put each item at the
// middle of its neighbours (median heuristic), then neighbours are swapped where that helps; the best order is kept.
// Gansner, Koutsofios, North and Vo, A technique for drawing directed graphs (1993), section 3.
import type { Layering } from "./layers";

export type Order = readonly (readonly number[])[];

const MOST_SWEEPS = 16;
/** Sweeps without a better order, after which the search for one ends. */
const PATIENCE = 4;
/** Above this many links only the sweeps run, since swaps take too long. */
const MOST_LINKS_TO_SWAP = 4_000;

/** `start`: an order to begin with and to keep if it is the best. */
export function reduceCrossings(layering: Layering, start: Order = initialOrder(layering)): Order {
  const links = layering.after.reduce((sum, each) => sum + each.length, 0);
  const position = positions(start, layering.layer.length);
  const order = start.map((layer) => [...layer]);
  let best: Order = start;
  let least = countCrossings(layering, start, position);
  for (let sweep = 0, since = 0; sweep < MOST_SWEEPS && since < PATIENCE && least > 0; sweep++, since++) {
    sweepOnce(layering, order, position, sweep % 2 === 0);
    if (links <= MOST_LINKS_TO_SWAP) swapNeighbours(layering, order, position);
    const crossings = countCrossings(layering, order, position);
    if (crossings >= least) continue;
    [best, least, since] = [order.map((layer) => [...layer]), crossings, 0];
  }
  return best;
}

/** By rank of the nodes; waypoints follow their edge's source. */
export function initialOrder({ layer, before, ids, depth }: Layering): Order {
  const order: number[][] = Array.from({ length: depth }, () => []);
  layer.forEach((each, item) => {
    order[each]?.push(item);
  });
  // A waypoint has a higher number than the item before it.
  const key: number[] = [];
  layer.forEach((_, item) => {
    key.push(item < ids.length ? item : (key[before[item]?.[0] ?? 0] ?? 0));
  });
  for (const items of order) items.sort((a, b) => (key[a] ?? 0) - (key[b] ?? 0) || a - b);
  return order;
}

export function positions(order: Order, items: number): number[] {
  const position = new Array<number>(items).fill(0);
  for (const layer of order)
    layer.forEach((item, i) => {
      position[item] = i;
    });
  return position;
}

function sweepOnce(layering: Layering, order: number[][], position: number[], down: boolean): void {
  const neighbours = down ? layering.before : layering.after;
  const middle = new Array<number>(position.length).fill(-1);
  for (let i = 1; i < order.length; i++) {
    const items = order[down ? i : order.length - 1 - i] ?? [];
    for (const item of items) middle[item] = medianOf(neighbours[item] ?? [], position);
    // An item without neighbours stays at its index; the others are sorted around it.
    const moving = items.filter((item) => (middle[item] ?? -1) >= 0);
    moving.sort((a, b) => (middle[a] ?? 0) - (middle[b] ?? 0) || (position[a] ?? 0) - (position[b] ?? 0));
    let next = 0;
    for (let at = 0; at < items.length; at++) {
      if ((middle[items[at] ?? 0] ?? -1) >= 0) items[at] = moving[next++] ?? 0;
      position[items[at] ?? 0] = at;
    }
  }
}

/** Weighted to the side where neighbours are dense; −1 without neighbours. */
function medianOf(neighbours: readonly number[], position: readonly number[]): number {
  const at = neighbours.map((each) => position[each] ?? 0).sort((a, b) => a - b);
  const half = at.length >> 1;
  const [low = 0, high = 0] = [at[half - 1], at[half]];
  if (at.length === 0) return -1;
  if (at.length % 2 === 1) return high;
  if (at.length === 2) return (low + high) / 2;
  const [left, right] = [low - (at[0] ?? 0), (at.at(-1) ?? 0) - high];
  return left + right === 0 ? (low + high) / 2 : (low * right + high * left) / (left + right);
}

/** Swaps neighbours in a layer while that removes crossings; at most a few rounds. */
function swapNeighbours({ before, after }: Layering, order: number[][], position: number[]): void {
  for (let round = 0, swapped = true; round < 8 && swapped; round++) {
    swapped = false;
    for (const items of order) {
      for (let i = 0; i + 1 < items.length; i++) {
        const [a = 0, b = 0] = [items[i], items[i + 1]];
        const now = crossed(before, position, a, b) + crossed(after, position, a, b);
        if (now === 0 || now <= crossed(before, position, b, a) + crossed(after, position, b, a)) continue;
        [items[i], items[i + 1], position[a], position[b]] = [b, a, i + 1, i];
        swapped = true;
      }
    }
  }
}

/** Crossings between the links of two items on one side, if `a` comes before `b`. */
function crossed(
  neighbours: readonly (readonly number[])[],
  position: readonly number[],
  a: number,
  b: number,
): number {
  let sum = 0;
  for (const left of neighbours[a] ?? [])
    for (const right of neighbours[b] ?? []) if ((position[left] ?? 0) > (position[right] ?? 0)) sum++;
  return sum;
}

/** Crossings of all links, in O(links × log items): Barth, Jünger and Mutzel, Simple and efficient bilayer counting (2002). */
export function countCrossings({ after }: Layering, order: Order, position: readonly number[]): number {
  let sum = 0;
  for (let layer = 0; layer + 1 < order.length; layer++) {
    const size = order[layer + 1]?.length ?? 0;
    const tree = new Int32Array(size + 1); // prefix sums of the links that end at each position
    let ends = 0;
    for (const item of order[layer] ?? []) {
      const at = (after[item] ?? []).map((each) => position[each] ?? 0).sort((a, b) => a - b);
      for (const end of at) {
        let passed = 0;
        for (let i = end + 1; i > 0; i -= i & -i) passed += tree[i] ?? 0;
        sum += ends - passed;
      }
      for (const end of at) for (let i = end + 1; i <= size; i += i & -i) tree[i] = (tree[i] ?? 0) + 1;
      ends += at.length;
    }
  }
  return sum;
}
