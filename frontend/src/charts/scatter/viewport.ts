// The part of a chart that is shown, and how dragging and zooming change it.

export interface Span {
  readonly low: number;
  readonly high: number;
}

export interface Viewport {
  readonly x: Span;
  readonly y: Span;
}

const CLOSEST = 1 / 50; // of the whole; closer, ticks would read alike

/** By a share of what is shown, to the right and up. */
export function moved(shown: Viewport, whole: Viewport, right: number, up: number): Viewport {
  return { x: shifted(shown.x, whole.x, right), y: shifted(shown.y, whole.y, up) };
}

/** `factor` times as close; the place at these shares of what is shown stays where it is. */
export function zoomed(
  shown: Viewport,
  whole: Viewport,
  factor: number,
  right: number,
  up: number,
): Viewport {
  return { x: scaled(shown.x, whole.x, factor, right), y: scaled(shown.y, whole.y, factor, up) };
}

export function isWhole(shown: Viewport, whole: Viewport): boolean {
  return same(shown.x, whole.x) && same(shown.y, whole.y);
}

/** What is shown after the whole has changed. */
export function kept(shown: Viewport, whole: Viewport): Viewport {
  return { x: shifted(shown.x, whole.x, 0), y: shifted(shown.y, whole.y, 0) };
}

const size = ({ low, high }: Span) => high - low;
const same = (a: Span, b: Span) => a.low === b.low && a.high === b.high;

function shifted(span: Span, whole: Span, share: number): Span {
  const length = Math.min(size(span), size(whole));
  const low = Math.min(Math.max(span.low + size(span) * share, whole.low), whole.high - length);
  return { low, high: low + length };
}

function scaled(span: Span, whole: Span, factor: number, share: number): Span {
  const length = Math.min(size(whole), Math.max(size(span) / factor, size(whole) * CLOSEST));
  if (length === size(whole)) return whole;
  const low = span.low + (size(span) - length) * share;
  return shifted({ low, high: low + length }, whole, 0);
}
