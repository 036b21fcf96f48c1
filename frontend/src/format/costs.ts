// Names, definitions and units of the costs, in one table so that every page names and measures them alike.
import { formatCount, formatLatency, formatMemory } from "./units";

type Maybe = number | null | undefined;

/** Costs that follow from the graph; latency must be measured, and only some searches do. */
export type CostKey = "params" | "macs" | "peak_memory";
export type LimitKey = CostKey | "latency";

export interface CostUnit {
  readonly sign: string;
  readonly one: number;
}

export interface CostDefinition<K extends LimitKey = CostKey> {
  readonly key: K;
  readonly name: string;
  /** its name within a sentence */
  readonly inline: string;
  readonly definition: string;
  readonly show: (value: Maybe) => string;
  /** smallest first */
  readonly units: readonly CostUnit[];
}

const POWERS: readonly CostUnit[] = [
  { sign: "k", one: 1e3 },
  { sign: "M", one: 1e6 },
  { sign: "G", one: 1e9 },
];

export const COSTS: readonly CostDefinition[] = [
  {
    key: "params",
    name: "Parameters",
    inline: "parameters",
    definition: "Everything the trained model stores and learns, batch-norm scale and shift included",
    show: formatCount,
    units: POWERS,
  },
  {
    key: "macs",
    name: "MACs",
    inline: "MACs",
    definition: "Multiply-accumulates for one item; one multiply and add is 1",
    show: formatCount,
    units: POWERS,
  },
  {
    key: "peak_memory",
    name: "Peak memory",
    inline: "peak memory",
    definition: "Most activation bytes alive at once, batch 1, weights not counted",
    show: formatMemory,
    units: [
      { sign: "KiB", one: 1024 },
      { sign: "MiB", one: 1024 * 1024 },
    ],
  },
];

/** Every cost that can have a limit. */
export const LIMITS: readonly CostDefinition<LimitKey>[] = [
  ...COSTS,
  {
    key: "latency",
    name: "Latency",
    inline: "latency",
    definition: "Median time of one inference at batch 1, measured on the device that the limits name",
    show: formatLatency,
    units: [{ sign: "ms", one: 1e3 }],
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

/** The unit of a field with values of this size: the largest that gives at least 1. */
export function unitFor(words: CostDefinition<LimitKey>, scale: number): CostUnit {
  const fitting = words.units.filter((unit) => scale >= unit.one);
  return fitting[fitting.length - 1] ?? (words.units[0] as CostUnit);
}

/** A number as text in a field, without trailing zeros. */
export function formatForField(value: number, unit: CostUnit): string {
  const amount = value / unit.one;
  return trimZeros(amount, amount < 10 ? 3 : amount < 100 ? 2 : 1);
}

/** Parses a field: accepts a decimal comma and an optional unit; null if it is not a number. */
export function parseFieldValue(
  text: string,
  unit: CostUnit,
  units: readonly CostUnit[] = [unit],
): number | null {
  const match = /^(\d+(?:\.\d*)?|\.\d+)([a-z]*)$/i.exec(text.replace(/[\s\u202f]/g, "").replace(",", "."));
  if (!match) return null;
  const sign = match[2]?.toLowerCase() ?? "";
  const named = sign ? units.find((each) => each.sign.toLowerCase() === sign) : unit;
  return named ? Math.round(Number(match[1]) * named.one) : null;
}

function trimZeros(value: number, digits: number): string {
  const text = value.toFixed(digits);
  return text.includes(".") ? text.replace(/\.?0+$/, "") : text;
}
