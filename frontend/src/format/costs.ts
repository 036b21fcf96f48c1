// Names and units of the costs, in one table so that every page names and measures them alike. Their definitions are in
// ui/glossary.ts, under the same keys.
import {
  BYTE_UNITS,
  COUNT_UNITS,
  formatBytes,
  formatCount,
  formatLatency,
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
  /** smallest first */
  readonly units: readonly CostUnit[];
}

export const COSTS: readonly CostDefinition[] = [
  {
    key: "params",
    name: "Parameters",
    inline: "parameters",
    show: formatCount,
    units: COUNT_UNITS,
  },
  {
    key: "macs",
    name: "MACs",
    inline: "MACs",
    show: formatCount,
    units: COUNT_UNITS,
  },
  {
    key: "peak_memory",
    name: "Peak memory",
    inline: "peak memory",
    show: formatBytes,
    units: BYTE_UNITS,
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

/** Parses a field with an optional unit; null if it is not a number from 0 up. */
export function parseFieldValue(
  text: string,
  unit: CostUnit,
  units: readonly CostUnit[] = [unit],
): number | null {
  const match = /^([^a-z]*)([a-z]*)$/i.exec(text.trim());
  const amount = match && parseNumber(match[1] ?? "");
  if (amount === null || amount < 0) return null;
  const sign = match?.[2]?.toLowerCase() ?? "";
  const named = sign ? units.find((each) => each.sign.toLowerCase() === sign) : unit;
  return named ? Math.round(amount * named.one) : null;
}
