/* The Pareto front of quality against cost: the points that no other point beats in both. */

export interface Point {
  readonly id: string;
  readonly x: number;
  readonly y: number;
}

/** Ids on the front, cheapest first; of two equal points the first. `lower`: lower is better, as for perplexity. */
export function paretoFront(points: readonly Point[], lower = false): string[] {
  const found: string[] = [];
  const quality = ({ y }: Point) => (lower ? -y : y);
  let best = Number.NEGATIVE_INFINITY;
  for (const point of [...points].sort((a, b) => a.x - b.x || quality(b) - quality(a))) {
    if (quality(point) <= best) continue;
    best = quality(point);
    found.push(point.id);
  }
  return found;
}
