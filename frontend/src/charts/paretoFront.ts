/* The Pareto front of what was reached against a cost: what no other point beats in both. */

export interface Point {
  readonly id: string;
  readonly x: number;
  readonly y: number;
}

/** Ids on the front, cheapest first. Of two equal points the first stays. `lower`: less is better, as of a perplexity. */
export function paretoFront(points: readonly Point[], lower = false): string[] {
  const found: string[] = [];
  const worth = ({ y }: Point) => (lower ? -y : y);
  let best = Number.NEGATIVE_INFINITY;
  for (const point of [...points].sort((a, b) => a.x - b.x || worth(b) - worth(a))) {
    if (worth(point) <= best) continue;
    best = worth(point);
    found.push(point.id);
  }
  return found;
}
