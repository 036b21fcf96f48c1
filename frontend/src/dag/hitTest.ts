// Hit test: the edge nearest to the pointer, active edges before removed ones.
import type { EdgeAppearance } from "./graph";
import type { Geometry, Run } from "./layout";

const REACH = 8;
/** A removed edge is only hit if it is closer than any active edge. */
const TRACE_REACH = 4;
/** Fingers are less precise than a mouse and cannot hover. */
const FINGER = 2;

export function hitTest(
  geometry: Geometry,
  appearances: Iterable<EdgeAppearance>,
  x: number,
  y: number,
  coarse = false,
): string | null {
  let best: string | null = null;
  let nearest = REACH * (coarse ? FINGER : 1);
  let trace: string | null = null;
  let nearestTrace = TRACE_REACH * (coarse ? FINGER : 1);
  for (const appearance of appearances) {
    const run = geometry.runs.get(appearance.id);
    if (!run) continue;
    const away = distance(run, x, y);
    if (appearance.state === "removed") {
      if (away < nearestTrace) [nearestTrace, trace] = [away, appearance.id];
    } else if (away < nearest) {
      [nearest, best] = [away, appearance.id];
    }
  }
  return trace !== null && nearestTrace < nearest ? trace : best;
}

function distance(run: Run, x: number, y: number): number {
  const top = Math.min(run.y, run.base);
  const bottom = Math.max(run.y, run.base);
  const along = Math.hypot(Math.max(run.from - x, 0, x - run.to), y - run.y);
  const up = Math.hypot(x - run.from, Math.max(top - y, 0, y - bottom));
  const down = Math.hypot(x - run.to, Math.max(top - y, 0, y - bottom));
  return Math.min(along, up, down);
}
