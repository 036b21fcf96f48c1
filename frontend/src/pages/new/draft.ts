// The state of the form for a new search: a reducer for changes, and the request made from it.

import type { Dataset, DeviceProfile, Engine, SearchDraft } from "../../api/types";
import { type CostUnit, LIMITS, type LimitKey, parseFieldValue } from "../../format/costs";
import { formatInteger, parseWhole } from "../../format/numbers";
import { type Draft, type Errors, readDraft, type Value } from "../../ui/forms/schema";
import { type Limits, NO_LIMITS } from "./budget";
import { FACTORS, type Factor, type Factors, NO_SETTINGS, type Selected } from "./factors";

/** Presets of limits, as shares between the smallest and the largest graph. */
export const PLANS = {
  tight: { title: "Tight", share: 0.15 },
  medium: { title: "Medium", share: 0.4 },
  roomy: { title: "Roomy", share: 0.7 },
} as const;
export type Plan = keyof typeof PLANS | "none" | "profile" | "own";

/** A text and the unit that it was typed in, which must not change under it. */
export interface Typing {
  readonly text: string;
  readonly unit: CostUnit;
}

export interface Form extends Selected {
  readonly name: string | null; // null: proposed from the dataset until the user types one
  readonly dataset: string;
  readonly plan: Plan;
  readonly profile: string | null; // the device whose limits are in `own`, until the user changes one
  readonly own: Limits;
  readonly device: string | null; // measures latency; null: this installation's workers
  readonly typing: Readonly<Partial<Record<LimitKey, Typing>>>; // fields that are being typed in
  readonly bytes: number;
  readonly seed: string;
}

export type Change =
  | { kind: "name" | "seed"; text: string }
  | { kind: "dataset"; name: string }
  | { kind: "strategy" | "space" | "evaluator"; name: string }
  | { kind: "plan"; plan: keyof typeof PLANS | "none" }
  | { kind: "profile"; profile: DeviceProfile }
  | { kind: "device"; device: string | null }
  | { kind: "limit"; key: LimitKey; value: number | null; from: Limits }
  | { kind: "type"; key: LimitKey; text: string; unit: CostUnit; units: readonly CostUnit[]; from: Limits }
  | { kind: "settle"; key: LimitKey }
  | { kind: "bytes"; bytes: number }
  | { kind: "setting"; factor: Factor; choice: string; name: string; value: string | boolean };

export function initialForm(
  engine: Engine,
  datasets: readonly Dataset[],
  requestedDataset: string | null,
): Form {
  return {
    name: null,
    dataset: (datasets.find((each) => each.name === requestedDataset) ?? datasets[0])?.name ?? "",
    strategy: engine.strategies[0]?.name ?? "",
    space: null,
    evaluator: null,
    plan: "medium",
    profile: null,
    own: NO_LIMITS,
    device: null,
    typing: {},
    bytes: 4,
    seed: "0",
    settings: NO_SETTINGS,
  };
}

export function changedForm(form: Form, change: Change): Form {
  switch (change.kind) {
    case "name":
      return { ...form, name: change.text };
    case "seed":
      return { ...form, seed: change.text };
    case "dataset":
      return { ...form, dataset: change.name };
    case "strategy":
    case "space":
    case "evaluator":
      return { ...form, [change.kind]: change.name };
    case "plan":
      return { ...form, plan: change.plan, profile: null, typing: {} };
    case "profile": {
      const { name, budget } = change.profile;
      const own: Record<LimitKey, number | null> = { ...NO_LIMITS };
      for (const { key } of LIMITS) own[key] = budget[key] ?? null;
      const bytes = budget.bytes_per_element ?? form.bytes;
      return { ...form, plan: "profile", profile: name, own, bytes, typing: {} };
    }
    case "device":
      return { ...form, device: change.device };
    case "limit":
      return withOwnLimit(form, change.from, change.key, change.value);
    case "type": {
      const text = change.text.trim();
      const value = text === "" ? null : parseFieldValue(text, change.unit, change.units);
      const next = text !== "" && value === null ? form : withOwnLimit(form, change.from, change.key, value);
      return { ...next, typing: { ...form.typing, [change.key]: { text: change.text, unit: change.unit } } };
    }
    case "settle": {
      if (unreadable(change.key, form.typing[change.key]?.text)) return form; // keep it, for the user to correct
      const { [change.key]: _, ...rest } = form.typing;
      return { ...form, typing: rest };
    }
    case "bytes":
      return { ...form, bytes: change.bytes, ...(form.plan === "profile" && { plan: "own", profile: null }) };
    case "setting": {
      const { factor, choice, name, value } = change;
      const choices = form.settings[factor];
      const changed = { ...choices, [choice]: { ...choices[choice], [name]: value } };
      return { ...form, settings: { ...form.settings, [factor]: changed } };
    }
  }
}

function unreadable(key: LimitKey, text: string | undefined): boolean {
  const units = LIMITS.find((each) => each.key === key)?.units ?? [];
  return (
    text !== undefined && text.trim() !== "" && parseFieldValue(text, { sign: "", one: 1 }, units) === null
  );
}

function withOwnLimit(form: Form, from: Limits, key: LimitKey, value: number | null): Form {
  const { [key]: _, ...typing } = form.typing;
  return { ...form, plan: "own", profile: null, own: { ...from, [key]: value }, typing };
}

function smallestLimit(key: LimitKey): string {
  return LIMITS.find((each) => each.key === key)?.show(1) ?? "1";
}

function largestLimit(key: LimitKey, bounds: Engine["limits"]): string {
  return (
    LIMITS.find((each) => each.key === key)?.show(bounds.budget[key]) ?? formatInteger(bounds.budget[key])
  );
}

/** The request made from the form, and the fields that are still invalid. */
export function requestOf(
  form: Form,
  factors: Factors,
  limits: Limits,
  name: string,
  bounds: Engine["limits"],
): { request: SearchDraft; errors: Errors } {
  const { settings, errors: wrong } = readSettings(factors);
  const unlimited = factors.protocol?.fixed ?? false;
  const held = unlimited ? NO_LIMITS : limits;
  const seed = parseWhole(form.seed, 0, bounds.seed);
  const errors: Record<string, string> = { ...wrong };
  for (const { key } of unlimited ? [] : LIMITS) {
    if (unreadable(key, form.typing[key]?.text))
      errors[`budget.${key}`] = "Enter a number, or leave the field empty for no limit";
    else if (limits[key] === 0)
      errors[`budget.${key}`] = `Enter at least ${smallestLimit(key)}, or leave the field empty`;
    else if ((limits[key] ?? 0) > bounds.budget[key])
      errors[`budget.${key}`] = `Enter at most ${largestLimit(key, bounds)}, or leave the field empty`;
  }
  if (seed === null) errors.seed = `Enter a whole number from 0 to ${formatInteger(bounds.seed)}`;
  if (name.trim() === "") errors.name = "Enter a name";
  return {
    request: {
      name: name.trim(),
      // Both are names from the server's lists.
      strategy: (factors.strategy?.name ?? form.strategy) as SearchDraft["strategy"],
      dataset: form.dataset as SearchDraft["dataset"],
      space: factors.space?.name ?? null,
      evaluator: factors.evaluator?.name ?? null,
      budget: { ...held, device: held.latency === null ? null : form.device, bytes_per_element: form.bytes },
      seed: seed ?? 0,
      settings,
    },
    errors,
  };
}

/** The settings that no protocol fixes, by factor; errors by their place in the request. */
function readSettings(factors: Factors): { settings: SearchDraft["settings"]; errors: Errors } {
  const settings: Partial<Record<Factor, Readonly<Record<string, Value>>>> = {};
  const errors: Record<string, string> = {};
  for (const factor of FACTORS) {
    const { schema, values, fixed } = factors.settings[factor];
    const reading = readDraft(
      schema.filter(({ name }) => !fixed.includes(name)),
      values,
    );
    settings[factor] = reading.values;
    for (const [name, detail] of Object.entries(reading.errors))
      errors[`settings.${factor}.${name}`] = detail;
  }
  return { settings, errors };
}

/** A default name that distinguishes searches. */
export function proposedName(dataset: Dataset | undefined, settings: Draft): string {
  if (!dataset) return "";
  const nodes = settings.nodes;
  return nodes ? `${dataset.title}, ${nodes} nodes` : dataset.title;
}
