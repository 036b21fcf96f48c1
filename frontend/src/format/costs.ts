// Names and units of the costs, in one table so that every page names and measures them alike. Their definitions are in
// ui/glossary.ts, under the same keys.
import {
  BYTE_UNITS,
  COUNT_UNITS,
  formatBytes,
  formatCount,
  formatForField,
  formatLatency,
  formatNumber,
  parseNumber,
  TIME_UNITS,
  type Unit,
  unitOf,
} from "./numbers";

type Maybe = number | null | undefined;

/** Costs that follow from the graph; latency must be measured, and only some searches do. */
export type CostKey = "params" | "macs" | "peak_memory";
export type LimitKey = CostKey | "latency";

export type CostUnit = Unit;

export interface CostDefinition<K extends LimitKey = CostKey> {
  readonly key: K;
  readonly name: string;
  /** its name within a sentence */
  readonly inline: string;
  readonly show: (value: Maybe) => string;
  /** smallest first; a number that is typed without one is in the first */
  readonly units: readonly CostUnit[];
  /** what the first unit counts */
  readonly noun: string;
}

export const COSTS: readonly CostDefinition[] = [
  {
    key: "params",
    name: "Parameters",
    inline: "parameters",
    show: formatCount,
    units: COUNT_UNITS,
    noun: "parameters",
  },
  {
    key: "macs",
    name: "MACs",
    inline: "MACs",
    show: formatCount,
    units: COUNT_UNITS,
    noun: "MACs",
  },
  {
    key: "peak_memory",
    name: "Peak memory",
    inline: "peak memory",
    show: formatBytes,
    units: BYTE_UNITS,
    noun: "bytes",
  },
];

/** Every cost that can have a limit. */
export const LIMITS: readonly CostDefinition<LimitKey>[] = [
  ...COSTS,
  {
    key: "latency",
    name: "Latency",
    inline: "latency",
    show: formatLatency,
    units: TIME_UNITS,
    noun: "ms",
  },
];

export interface CostValues {
  readonly params: number;
  readonly macs: number;
  readonly peak_memory: { readonly live: number; readonly optimal?: number | null };
  readonly latency?: number | null;
}

/** The value that is compared with the limit; for memory that of the order in which the network runs. */
export function costOf(cost: CostValues, key: CostKey): number {
  return key === "peak_memory" ? (cost.peak_memory.optimal ?? cost.peak_memory.live) : cost[key];
}

/** The same for all limits; null if it was not measured. */
export function limitedValue(cost: CostValues, key: LimitKey): number | null {
  return key === "latency" ? (cost.latency ?? null) : costOf(cost, key);
}

/** The unit of a field with values of this size: the one that the value is shown in everywhere. */
export function unitFor(words: CostDefinition<LimitKey>, scale: number): CostUnit {
  return unitOf(scale, words.units);
}

/** What may follow a limit and what it counts without, in the unit of the cost: microseconds for a latency. */
const TYPED: Readonly<Record<LimitKey, Readonly<Record<string, number>>>> = {
  params: {},
  macs: {},
  peak_memory: { b: 1, kib: 1024, mib: 1024 ** 2, gib: 1024 ** 3, kb: 1e3, mb: 1e6, gb: 1e9 },
  latency: { "": 1e3, ms: 1e3, us: 1, µs: 1, s: 1e6 },
};

export function limitText(words: CostDefinition<LimitKey>, limit: number | null): string {
  return limit === null ? "" : formatForField(limit, words.units);
}

/** A limit in full, so that nobody mistakes its unit: 67,000 parameters, 327,680 bytes. */
export function limitInFull({ units, noun }: CostDefinition<LimitKey>, limit: number): string {
  return `${formatNumber(limit / (units[0]?.one ?? 1))} ${noun}`;
}

/** The limit that a text means, null for an empty one, or what is wrong with it. */
export function readLimit(
  words: CostDefinition<LimitKey>,
  text: string,
  most?: number,
): { limit: number | null } | { error: string } {
  if (text.trim() === "") return { limit: null };
  const value = parseNumber(text, TYPED[words.key]);
  const or = "or leave the field empty for no limit";
  if (value === null)
    return { error: `Enter a number, such as ${limitText(words, EXAMPLES[words.key])}, ${or}` };
  if (value < 1) return { error: `Enter at least ${words.show(1)}, ${or}` };
  if (most !== undefined && value > most) return { error: `Enter at most ${words.show(most)}, ${or}` };
  if (words.key !== "latency" && !Number.isInteger(value) && !/[a-z]/i.test(text))
    return {
      error: `This is ${formatNumber(value)} ${words.noun}. Add ${joinOr(words)}, or enter a whole number`,
    };
  return { limit: Math.round(value) };
}

const EXAMPLES: Readonly<Record<LimitKey, number>> = {
  params: 67_000,
  macs: 2_000_000,
  peak_memory: 98_304,
  latency: 2_500,
};

/** "k or M" */
function joinOr({ units }: CostDefinition<LimitKey>): string {
  return units
    .slice(1, 3)
    .map(({ sign }) => sign)
    .join(" or ");
}
