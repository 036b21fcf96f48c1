// The fields for the limits of a running search, and the change that they request.
import type { Budget } from "../api/types";
import {
  type CostDefinition,
  formatForField,
  LIMITS,
  type LimitKey,
  limitedValue,
  parseFieldValue,
  unitFor,
} from "../format/costs";
import type { View } from "../live/events";
import type { Telemetry } from "../live/messages";

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

/** The unit of a field: that of the dense cell, so that it does not change while the user types. */
export function fieldUnit(words: CostDefinition<LimitKey>, view: View) {
  return unitFor(words, (view.dense && limitedValue(view.dense, words.key)) ?? view.budget?.[words.key] ?? 0);
}

export function fieldTexts(now: EffectiveLimits, view: View): FieldTexts {
  const text = (words: CostDefinition<LimitKey>) => {
    const limit = now.budget?.[words.key] ?? null;
    return limit === null ? "" : formatForField(limit, fieldUnit(words, view));
  };
  const limits = Object.fromEntries(LIMITS.map((words) => [words.key, text(words)])) as Record<
    LimitKey,
    string
  >;
  const weight = now.weight === null ? "" : String(now.weight);
  return { ...limits, weight, device: now.budget?.device ?? "" };
}

/** Parses a field; undefined if it is not a number. An unchanged text keeps the exact value. */
export function parseLimit(
  words: CostDefinition<LimitKey>,
  text: string,
  now: EffectiveLimits,
  view: View,
): number | null | undefined {
  if (text.trim() === "") return null;
  if (text === fieldTexts(now, view)[words.key]) return now.budget?.[words.key] ?? null;
  return parseFieldValue(text, fieldUnit(words, view), words.units) ?? undefined;
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

export function limitChange(fields: FieldTexts, now: EffectiveLimits, view: View): LimitChange {
  const errors: FieldErrors = {};
  const budget: Budget = { ...NO_BUDGET, ...now.budget };
  let changed = false;
  for (const words of LIMITS) {
    const limit = parseLimit(words, fields[words.key], now, view);
    if (limit === undefined)
      errors[words.key] = `Write a number of ${fieldUnit(words, view).sign}, or nothing for no limit.`;
    else {
      changed ||= limit !== (budget[words.key] ?? null);
      budget[words.key] = limit;
    }
  }
  const device = budget.latency === null ? null : fields.device || null;
  changed ||= device !== (now.budget?.device ?? null);
  budget.device = device;
  const weight = Number(fields.weight.replace(",", "."));
  const weighs = now.weight !== null;
  if (weighs && (fields.weight.trim() === "" || Number.isNaN(weight)))
    errors.weight = "Write a number, such as 0.1.";
  const heavier = weighs && !errors.weight && weight !== now.weight;
  return { budget: changed ? budget : null, weight: heavier ? weight : null, errors };
}
