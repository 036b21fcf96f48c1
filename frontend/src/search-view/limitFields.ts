// The fields for the limits of a running search, and the change that they request.

import type { Budget } from "../api/types";
import {
  type CostDefinition,
  type CostUnit,
  LIMITS,
  type LimitKey,
  limitedValue,
  parseFieldValue,
  unitFor,
} from "../format/costs";
import { formatForField, formatNumber, parseNumber } from "../format/numbers";
import type { Telemetry } from "../live/messages";
import type { View } from "../live/view";

export interface EffectiveLimits {
  budget: Budget | null;
  weight: number | null;
}

/** The texts of the fields; an empty limit means none, an empty device means this installation's workers. */
export type FieldTexts = Readonly<Record<LimitKey | "weight" | "device", string>>;
export type FieldErrors = Partial<Record<LimitKey | "weight", string>>;

/** The limits once all pending commands are applied, in order. */
export function effectiveLimits(view: View, telemetry: Telemetry | null): EffectiveLimits {
  let { budget, weight }: EffectiveLimits = view;
  for (const command of telemetry?.pending ?? []) {
    if (command.status !== "pending") continue;
    if (command.budget) budget = command.budget;
    if (command.weight !== null && command.weight !== undefined) weight = command.weight;
  }
  return { budget, weight };
}

export type FieldUnits = Readonly<Record<LimitKey, CostUnit>>;

/** The units of the fields: those in which the limits are shown, else those of the dense cell. */
export function fieldUnits(now: EffectiveLimits, view: View): FieldUnits {
  const unit = (words: CostDefinition<LimitKey>) =>
    unitFor(words, now.budget?.[words.key] ?? (view.start && limitedValue(view.start, words.key)) ?? 0);
  return Object.fromEntries(LIMITS.map((words) => [words.key, unit(words)])) as Record<LimitKey, CostUnit>;
}

export function fieldTexts(now: EffectiveLimits, units: FieldUnits): FieldTexts {
  const text = ({ key }: CostDefinition<LimitKey>) => {
    const limit = now.budget?.[key] ?? null;
    return limit === null ? "" : formatForField(limit, units[key]);
  };
  const limits = Object.fromEntries(LIMITS.map((words) => [words.key, text(words)])) as Record<
    LimitKey,
    string
  >;
  const weight = now.weight === null ? "" : formatNumber(now.weight);
  return { ...limits, weight, device: now.budget?.device ?? "" };
}

/** Parses a field; undefined if it is not a number. An unchanged text keeps the exact value. */
export function parseLimit(
  words: CostDefinition<LimitKey>,
  text: string,
  now: EffectiveLimits,
  units: FieldUnits,
): number | null | undefined {
  if (text.trim() === "") return null;
  if (text === fieldTexts(now, units)[words.key]) return now.budget?.[words.key] ?? null;
  return parseFieldValue(text, units[words.key], words.units) ?? undefined;
}

const NO_BUDGET: Budget = {
  params: null,
  macs: null,
  peak_memory: null,
  latency: null,
  device: null,
  bytes_per_element: 4,
};

export interface LimitChange {
  /** null if nothing changes */
  budget: Budget | null;
  weight: number | null;
  errors: FieldErrors;
}

/** The change that the fields request; without bounds the server alone checks the size of a limit. */
export function limitChange(
  fields: FieldTexts,
  now: EffectiveLimits,
  units: FieldUnits,
  bounds: Readonly<Record<LimitKey, number>> | undefined,
): LimitChange {
  const errors: FieldErrors = {};
  const budget: Budget = { ...NO_BUDGET, ...now.budget };
  let changed = false;
  for (const words of LIMITS) {
    const limit = parseLimit(words, fields[words.key], now, units);
    if (limit === undefined) errors[words.key] = "Enter a number, or leave the field empty for no limit.";
    else if (limit === 0) errors[words.key] = `Enter at least ${words.show(1)}, or leave the field empty.`;
    else if (limit !== null && bounds && limit > bounds[words.key])
      errors[words.key] = `Enter at most ${words.show(bounds[words.key])}, or leave the field empty.`;
    else {
      changed ||= limit !== (budget[words.key] ?? null);
      budget[words.key] = limit;
    }
  }
  const device = budget.latency === null ? null : fields.device || null;
  changed ||= device !== (now.budget?.device ?? null);
  budget.device = device;
  const weight = parseNumber(fields.weight);
  const hasWeight = now.weight !== null;
  if (hasWeight && weight === null) errors.weight = "Enter a number, for example 0.1.";
  const weightChanged = hasWeight && !errors.weight && weight !== now.weight;
  return { budget: changed ? budget : null, weight: weightChanged ? weight : null, errors };
}
