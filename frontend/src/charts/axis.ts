// Scales and ticks of charts.
import { withoutNoise } from "../format/rounding";

export interface Scale {
  (value: number): number;
  readonly from: number;
  readonly to: number;
  readonly low: number;
  readonly high: number;
}

/** Maps low…high to from…to; an empty domain maps to the middle. */
export function linear(low: number, high: number, from: number, to: number): Scale {
  const span = high - low;
  const map = (value: number) => (span === 0 ? (from + to) / 2 : from + ((value - low) / span) * (to - from));
  return Object.assign(map, { from, to, low, high });
}

/** A step of 1, 2 or 5 times a power of ten that divides the span into about `count` parts. */
export function niceStep(span: number, count: number): number {
  if (!(span > 0)) return 1;
  const raw = span / Math.max(1, count);
  const power = 10 ** Math.floor(Math.log10(raw));
  // Tolerance for rounding errors: 0.08 / 4 is slightly above 0.02.
  const lead = raw / power - 1e-9;
  return (lead <= 1 ? 1 : lead <= 2 ? 2 : lead <= 5 ? 5 : 10) * power;
}

/** A few round values inside low…high. */
export function ticks(low: number, high: number, count = 4): number[] {
  const step = niceStep(high - low, count);
  const first = Math.ceil(low / step - 1e-9);
  const last = Math.floor(high / step + 1e-9);
  // Multiplying integers avoids the rounding errors that repeated addition accumulates.
  return Array.from({ length: Math.max(0, last - first + 1) }, (_, i) => withoutNoise((first + i) * step));
}

/** The least and the greatest. There may be more values than a call takes arguments. */
export function extent(values: Iterable<number>): [number, number] {
  let [low, high] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const value of values) {
    if (value < low) low = value;
    if (value > high) high = value;
  }
  return [low, high];
}

/** The values' range widened to round numbers, so that the scale stays stable while data streams in. */
export function niceRange(values: readonly number[], count = 4): [number, number] {
  if (values.length === 0) return [0, 1];
  const [low, high] = extent(values);
  const step = niceStep(high - low || Math.abs(high) || 1, count);
  const from = Math.floor(low / step) * step;
  const to = Math.ceil(high / step) * step;
  return [withoutNoise(from), withoutNoise(to === from ? from + step : to)];
}

/** Decimals needed to distinguish neighbouring ticks. */
export function decimals(values: readonly number[]): number {
  const step = values.length > 1 ? Math.abs((values[1] ?? 0) - (values[0] ?? 0)) : 1;
  return Math.min(6, Math.max(0, Math.ceil(-Math.log10(step || 1) - 1e-9)));
}

/** Cividis, ten steps from low (0) to high (1). */
export function scoreStep(share: number): number {
  return Math.max(0, Math.min(9, Math.round(share * 9)));
}

export function scoreColor(share: number): string {
  return `var(--score-${scoreStep(share)})`;
}
