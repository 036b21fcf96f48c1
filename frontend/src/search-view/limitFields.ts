// The fields for the limits of a running search, and the change that they request.

import type { Budget } from "../api/types";
import { type CostDefinition, LIMITS, type LimitKey, limitText, readLimit } from "../format/costs";
import { formatNumber, parseNumber } from "../format/numbers";
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

export function fieldTexts(now: EffectiveLimits): FieldTexts {
  const limits = Object.fromEntries(
    LIMITS.map((words) => [words.key, limitText(words, now.budget?.[words.key] ?? null)]),
  ) as Record<LimitKey, string>;
  const weight = now.weight === null ? "" : formatNumber(now.weight);
  return { ...limits, weight, device: now.budget?.device ?? "" };
}

/** The limit that a field means now; null also for one that cannot be read. */
export function limitOf(words: CostDefinition<LimitKey>, text: string): number | null {
  const reading = readLimit(words, text);
  return "limit" in reading ? reading.limit : null;
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
  bounds: Readonly<Record<LimitKey, number>> | undefined,
): LimitChange {
  const errors: FieldErrors = {};
  const budget: Budget = { ...NO_BUDGET, ...now.budget };
  let changed = false;
  for (const words of LIMITS) {
    const reading = readLimit(words, fields[words.key], bounds?.[words.key]);
    if ("error" in reading) errors[words.key] = reading.error;
    else {
      changed ||= reading.limit !== (budget[words.key] ?? null);
      budget[words.key] = reading.limit;
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
