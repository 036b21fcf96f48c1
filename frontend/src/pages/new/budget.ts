// A limit between the smallest and the largest graph: its position on the bar, the share to remove, whether it can be met,
// and rounding. Pure.
import { isChain } from "../../dag/chain/blocks";
import {
  COSTS,
  type CostDefinition,
  type CostKey,
  type CostUnit,
  type CostValues,
  costOf,
  LIMITS,
  type LimitKey,
  unitFor,
} from "../../format/costs";

export type Limits = Readonly<Record<LimitKey, number | null>>;
export const NO_LIMITS: Limits = { params: null, macs: null, peak_memory: null, latency: null };

/** The bar extends beyond the largest graph, to have room for loose limits. */
const PAST_LARGEST = 1.12;

export interface Range {
  readonly smallest: number;
  readonly largest: number;
}

/** What the largest graph that is known is called. Blocks of a chain may grow beyond the first one. */
export interface EndName {
  readonly graph: "cell" | "chain";
  readonly largest: "dense" | "first";
}

export function endName(nodes: Parameters<typeof isChain>[0]): EndName {
  return { graph: isChain(nodes) ? "chain" : "cell", largest: isChain(nodes) ? "first" : "dense" };
}

/** The range of a cost; latency has none before it is measured. */
export function rangeOf(key: CostKey, preview: { smallest: CostValues; largest: CostValues }): Range {
  return { smallest: costOf(preview.smallest, key), largest: costOf(preview.largest, key) };
}

/** Position on the bar from 0 to 1; no limit is at the right end. */
export function placeOf(value: number | null, range: Range): number {
  return value === null ? 1 : Math.min(1, Math.max(0, value / (range.largest * PAST_LARGEST)));
}

/** The value at a position on the bar, rounded as a user would type it; no limit at the right end. */
export function valueAt(place: number, range: Range, unit: CostUnit): number | null {
  if (place >= 0.995) return null;
  return roundLimit(Math.max(0.005, place) * range.largest * PAST_LARGEST, unit);
}

/** Two or three significant digits: 79,842 becomes 80 k, 14,012,000 becomes 14 M. Never rounds to zero. */
export function roundLimit(value: number, unit: CostUnit, up = false): number {
  const amount = value / unit.one;
  const step = amount >= 200 ? 5 : amount >= 20 ? 1 : amount >= 4 ? 0.1 : amount >= 0.4 ? 0.01 : 0.001;
  const steps = up ? Math.ceil(amount / step - 1e-9) : Math.round(amount / step);
  return Math.max(1, Math.round(Math.max(1, steps) * step * unit.one));
}

export type Verdict = "none" | "impossible" | "must-go" | "roomy";

export function verdictOf(limit: number | null, range: Range): Verdict {
  if (limit === null) return "none";
  if (limit < range.smallest) return "impossible";
  return limit < range.largest ? "must-go" : "roomy";
}

/** The share of the largest graph's cost that must be removed. */
export function shareToRemove(limit: number | null, range: Range): number {
  return limit === null || limit >= range.largest ? 0 : 1 - limit / range.largest;
}

/** Preset limits: each at this share between the smallest and the largest graph, rounded up so that none is impossible. */
export function limitsAt(share: number, preview: { smallest: CostValues; largest: CostValues }): Limits {
  const limit = (words: CostDefinition) => {
    const { smallest, largest } = rangeOf(words.key, preview);
    return roundLimit(smallest + share * (largest - smallest), unitFor(words, largest), true);
  };
  return { ...NO_LIMITS, ...Object.fromEntries(COSTS.map((words) => [words.key, limit(words)])) };
}

/** Keyboard steps: an arrow key is one hundredth of the largest graph, a page key one tenth. */
const MOVES: Readonly<Record<string, number>> = { ArrowDown: -1, ArrowUp: 1, PageDown: -10, PageUp: 10 };

export function stepLimit(
  limit: number | null,
  range: Range,
  key: string,
  unit: CostUnit,
): number | null | undefined {
  const move = MOVES[key];
  if (move === undefined) return undefined;
  const step = range.largest / 100;
  const next = (limit ?? range.largest * PAST_LARGEST) + move * step;
  return next >= range.largest * PAST_LARGEST ? null : roundLimit(Math.max(step, next), unit);
}

/** The costs that have a limit. */
export function limitedCosts(limits: Limits): CostDefinition<LimitKey>[] {
  return LIMITS.filter(({ key }) => limits[key] !== null);
}
