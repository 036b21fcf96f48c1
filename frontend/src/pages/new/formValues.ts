// The state of the form for a new search: a reducer for changes, and the request made from it.

import type { Dataset, DeviceProfile, Engine, Launch, SearchRequest } from "../../api/types";
import { type CostDefinition, LIMITS, type LimitKey, readLimit } from "../../format/costs";
import { formatInteger, parseNumber, parseWhole } from "../../format/numbers";
import { plural } from "../../format/text";
import { type Errors, readInputs, type Value } from "../../ui/forms/schema";
import { type Limits, NO_LIMITS } from "./budget";
import { FACTORS, type Factor, type Factors, NO_SETTINGS, type Selected } from "./factors";

/** Presets of limits, as shares between the smallest and the largest graph. */
export const PLANS = {
  tight: { title: "Tight", share: 0.15 },
  medium: { title: "Medium", share: 0.4 },
  roomy: { title: "Roomy", share: 0.7 },
} as const;
export type Plan = keyof typeof PLANS | "none" | "profile" | "own";

export interface FormValues extends Selected {
  readonly name: string | null; // null: proposed from the dataset until the user types one
  readonly dataset: string;
  readonly plan: Plan;
  readonly profile: string | null; // the device whose limits are in `own`, until the user changes one
  readonly own: Limits;
  readonly device: string | null; // measures latency; null: this installation's workers
  readonly typing: Readonly<Partial<Record<LimitKey, string>>>; // texts of fields that are being typed in
  readonly bytes: number;
  readonly seed: string;
  readonly repeats: string;
}

export type Change =
  | { kind: "name" | "seed" | "repeats"; text: string }
  | { kind: "reset"; form: FormValues }
  | { kind: "dataset"; name: string }
  | { kind: "strategy" | "space" | "evaluator"; name: string }
  | { kind: "plan"; plan: keyof typeof PLANS | "none" }
  | { kind: "profile"; profile: DeviceProfile }
  | { kind: "device"; device: string | null }
  | { kind: "limit"; key: LimitKey; value: number | null; from: Limits }
  | { kind: "type"; key: LimitKey; text: string; from: Limits }
  | { kind: "settle"; key: LimitKey }
  | { kind: "bytes"; bytes: number }
  | { kind: "setting"; factor: Factor; choice: string; name: string; value: string | boolean };

export function initialForm(
  engine: Engine,
  datasets: readonly Dataset[],
  requestedDataset: string | null,
): FormValues {
  return {
    name: null,
    dataset: (datasets.find(({ name }) => name === requestedDataset) ?? firstListed(datasets))?.name ?? "",
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
    repeats: "1",
    settings: NO_SETTINGS,
  };
}

/** The first that is not archived, if there is one. */
function firstListed(datasets: readonly Dataset[]): Dataset | undefined {
  return datasets.find(({ archived }) => !archived) ?? datasets[0];
}

export function changedForm(form: FormValues, change: Change): FormValues {
  switch (change.kind) {
    case "name":
    case "seed":
    case "repeats":
      return { ...form, [change.kind]: change.text };
    case "reset":
      return change.form;
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
      const { key, text, from } = change;
      const reading = readLimit(limitWords(key), text);
      const next = "limit" in reading ? withOwnLimit(form, from, key, reading.limit) : form;
      return { ...next, typing: { ...form.typing, [key]: text } };
    }
    case "settle": {
      const { [change.key]: text, ...rest } = form.typing;
      // What cannot be read stays, for the user to correct.
      return text === undefined || "error" in readLimit(limitWords(change.key), text)
        ? form
        : { ...form, typing: rest };
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

export function limitWords(key: LimitKey): CostDefinition<LimitKey> {
  const words = LIMITS.find((each) => each.key === key);
  if (!words) throw new Error(`Unknown limit: ${key}`);
  return words;
}

function withOwnLimit(form: FormValues, from: Limits, key: LimitKey, value: number | null): FormValues {
  const { [key]: _, ...typing } = form.typing;
  return { ...form, plan: "own", profile: null, own: { ...from, [key]: value }, typing };
}

/** The request made from the form, and the fields that are still invalid. */
export function requestOf(
  form: FormValues,
  factors: Factors,
  limits: Limits,
  dataset: Dataset | undefined,
  bounds: Engine["limits"],
): { request: Launch; errors: Errors } {
  const { settings, errors: wrong } = readSettings(factors);
  const name = (form.name ?? proposedName(dataset, settings.space?.nodes)).trim();
  const unlimited = factors.protocol?.fixed ?? false;
  const held = unlimited ? NO_LIMITS : limits;
  const seed = parseWhole(form.seed, 0, bounds.seed);
  const errors: Record<string, string> = { ...wrong };
  for (const words of unlimited ? [] : LIMITS) {
    const { key, show } = words;
    const reading = readLimit(words, form.typing[key] ?? "");
    if ("error" in reading) errors[`budget.${key}`] = reading.error;
    else if ((limits[key] ?? 0) > bounds.budget[key])
      errors[`budget.${key}`] =
        `Enter at most ${show(bounds.budget[key])}, or leave the field empty for no limit`;
  }
  if (seed === null) errors.seed = describeWrongSeed(form.seed, bounds.seed);
  const repeats = parseWhole(form.repeats, 1, bounds.repeats);
  if (repeats === null) errors.repeats = `Enter a whole number from 1 to ${formatInteger(bounds.repeats)}`;
  if (!dataset) errors.dataset = "Select a dataset: the one of this form is not available any more";
  else if (name === "") errors.name = "Enter a name";
  return {
    request: {
      name,
      // Both are names from the server's lists.
      strategy: (factors.strategy?.name ?? form.strategy) as SearchRequest["strategy"],
      dataset: form.dataset as SearchRequest["dataset"],
      space: factors.space?.name ?? null,
      evaluator: factors.evaluator?.name ?? null,
      budget: { ...held, device: held.latency === null ? null : form.device, bytes_per_element: form.bytes },
      seed: seed ?? 0,
      settings,
      repeats: repeats ?? 1,
    },
    errors,
  };
}

function describeWrongSeed(text: string, most: number): string {
  const value = parseNumber(text);
  if (value !== null && value > most) return `Enter at most ${formatInteger(most)}`;
  return `Enter a whole number from 0 to ${formatInteger(most)}`;
}

/** The settings that no protocol fixes, by factor; errors by their place in the request. */
function readSettings(factors: Factors): { settings: SearchRequest["settings"]; errors: Errors } {
  const settings: Partial<Record<Factor, Readonly<Record<string, Value>>>> = {};
  const errors: Record<string, string> = {};
  for (const factor of FACTORS) {
    const { schema, values, fixed } = factors.settings[factor];
    const reading = readInputs(
      schema.filter(({ name }) => !fixed.includes(name)),
      values,
    );
    settings[factor] = reading.values;
    for (const [name, detail] of Object.entries(reading.errors))
      errors[`settings.${factor}.${name}`] = detail;
  }
  return { settings, errors };
}

/** A default name that distinguishes searches. `nodes`: as it is read, undefined while it is not valid. */
function proposedName(dataset: Dataset | undefined, nodes: Value | undefined): string {
  if (!dataset) return "";
  return typeof nodes === "number" ? `${dataset.title}, ${plural(nodes, "node")}` : dataset.title;
}
