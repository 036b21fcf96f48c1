// What a person types into the limits of a running search, and what is asked for when they send it.
import type { Budget } from "../api/types";
import { type CostWords, LIMITS, type LimitKey, parsed, spent, typed, unitFor } from "../format/costs";
import type { View } from "../live/events";
import type { Beside } from "../live/messages";

export interface Standing {
  budget: Budget | null;
  weight: number | null;
}

/** Text as it stands in the fields; an empty limit is none, and an empty device is this installation's workers. */
export type Typed = Readonly<Record<LimitKey | "weight" | "device", string>>;
export type Wrong = Partial<Record<LimitKey | "weight", string>>;

/** What will hold once everything that waits is applied: later commands see earlier ones. */
export function standing(view: View, beside: Beside | null): Standing {
  let { budget, weight }: Standing = view;
  for (const command of beside?.pending ?? []) {
    if (command.status !== "pending") continue;
    if (command.budget) budget = command.budget;
    if (command.weight !== null && command.weight !== undefined) weight = command.weight;
  }
  return { budget, weight };
}

/** The unit of a field: that of the dense cell, so that it does not change while one types. */
export function unitOf(words: CostWords<LimitKey>, view: View) {
  return unitFor(words, (view.dense && spent(view.dense, words.key)) ?? view.budget?.[words.key] ?? 0);
}

export function shown(now: Standing, view: View): Typed {
  const text = (words: CostWords<LimitKey>) => {
    const limit = now.budget?.[words.key] ?? null;
    return limit === null ? "" : typed(limit, unitOf(words, view));
  };
  const limits = Object.fromEntries(LIMITS.map((words) => [words.key, text(words)])) as Record<
    LimitKey,
    string
  >;
  const weight = now.weight === null ? "" : String(now.weight);
  return { ...limits, weight, device: now.budget?.device ?? "" };
}

/** A field as a limit; undefined where it is no number. What was not touched keeps its exact value. */
export function limitOf(
  words: CostWords<LimitKey>,
  text: string,
  now: Standing,
  view: View,
): number | null | undefined {
  if (text.trim() === "") return null;
  if (text === shown(now, view)[words.key]) return now.budget?.[words.key] ?? null;
  return parsed(text, unitOf(words, view), words.units) ?? undefined;
}

const NO_BUDGET: Budget = {
  params: null,
  macs: null,
  peak_memory: null,
  latency: null,
  device: null,
  bytes_per_element: 4,
};

export interface Asked {
  /** null where nothing is to change */
  budget: Budget | null;
  weight: number | null;
  wrong: Wrong;
}

export function askedFor(fields: Typed, now: Standing, view: View): Asked {
  const wrong: Wrong = {};
  const budget: Budget = { ...NO_BUDGET, ...now.budget };
  let changed = false;
  for (const words of LIMITS) {
    const limit = limitOf(words, fields[words.key], now, view);
    if (limit === undefined)
      wrong[words.key] = `Write a number of ${unitOf(words, view).sign}, or nothing for no limit.`;
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
    wrong.weight = "Write a number, such as 0.1.";
  const heavier = weighs && !wrong.weight && weight !== now.weight;
  return { budget: changed ? budget : null, weight: heavier ? weight : null, wrong };
}
