/* The Pareto front of accuracy against a cost: what no other point beats in both. */

export interface Point {
  readonly id: string;
  readonly x: number;
  readonly y: number;
}

/** Ids on the front, cheapest first. Of two equal points the first stays. */
export function front(points: readonly Point[]): string[] {
  const found: string[] = [];
  let best = Number.NEGATIVE_INFINITY;
  for (const point of [...points].sort((a, b) => a.x - b.x || b.y - a.y)) {
    if (point.y <= best) continue;
    best = point.y;
    found.push(point.id);
  }
  return found;
}
