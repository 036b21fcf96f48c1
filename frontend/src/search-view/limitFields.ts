// What a person types into the limits of a running search, and what is asked for when they send it.
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

/** Text as it stands in the fields; an empty limit is none, and an empty device is this installation's workers. */
export type FieldTexts = Readonly<Record<LimitKey | "weight" | "device", string>>;
export type FieldErrors = Partial<Record<LimitKey | "weight", string>>;

/** What will hold once everything that waits is applied: later commands see earlier ones. */
export function effectiveLimits(view: View, telemetry: Telemetry | null): EffectiveLimits {
  let { budget, weight }: EffectiveLimits = view;
  for (const command of telemetry?.pending ?? []) {
    if (command.status !== "pending") continue;
    if (command.budget) budget = command.budget;
    if (command.weight !== null && command.weight !== undefined) weight = command.weight;
  }
  return { budget, weight };
}

/** The unit of a field: that of the dense cell, so that it does not change while one types. */
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

/** A field as a limit; undefined where it is no number. What was not touched keeps its exact value. */
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
  /** null where nothing is to change */
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
