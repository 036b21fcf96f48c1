// Which mark is at a place, and the order in which keys go through marks.
import type { Scale } from "../axis";
import { type Mark, orderOf, type Spot } from "./picture";

/** The nearest mark within reach of a place in pixels, inside the axes; of several at one place the one on top. */
export function markAt(
  marks: readonly Mark[],
  { x, y }: { x: Scale; y: Scale },
  at: Spot,
  reach: number,
): Mark | null {
  let found: Mark | null = null;
  let nearest = reach * reach;
  for (const mark of marks) {
    const [across, down] = [x(mark.x), y(mark.y)];
    const distance = (across - at.x) ** 2 + (down - at.y) ** 2;
    const hidden = found !== null && distance === nearest && orderOf(mark.look) < orderOf(found.look);
    if (distance > nearest || hidden || across < x.from || across > x.to || down > y.from || down < y.to)
      continue;
    found = mark;
    nearest = distance;
  }
  return found;
}

/** From left to right, and from top to bottom. */
export function byPlace(marks: readonly Mark[]): readonly Mark[] {
  return [...marks].sort((a, b) => a.x - b.x || b.y - a.y);
}
