// Where the panel of the tour is put: beside its element, within the window. Pure.

export interface Box {
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
}

const GAP = 10;
const MARGIN = 8;

/** The first side of the element that has room, else the lower right corner of the window. */
export function placeBeside(
  target: Box,
  panel: Pick<Box, "width" | "height">,
  window: Pick<Box, "width" | "height">,
): { left: number; top: number } {
  const right = target.left + target.width + GAP;
  const below = target.top + target.height + GAP;
  const before = target.left - GAP - panel.width;
  const above = target.top - GAP - panel.height;
  const most = { left: window.width - panel.width - MARGIN, top: window.height - panel.height - MARGIN };
  const within = (value: number, limit: number) => Math.max(MARGIN, Math.min(value, limit));
  const left = within(target.left, most.left);
  const top = within(target.top, most.top);
  if (below <= most.top) return { left, top: within(below, most.top) };
  if (above >= MARGIN) return { left, top: within(above, most.top) };
  if (right <= most.left) return { left: right, top };
  if (before >= MARGIN) return { left: before, top };
  return most;
}
