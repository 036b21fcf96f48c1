// The forms that a new search can start from: a template or an earlier search, which are complete requests, and a form that
// was kept while its user was elsewhere. Pure.
import type { Dataset, Engine, SearchRequest } from "../../api/types";
import { LIMITS } from "../../format/costs";
import type { Inputs } from "../../ui/forms/schema";
import { NO_LIMITS } from "./budget";
import { FACTORS, type Factor, factorsOf, NO_SETTINGS, PROTOCOL } from "./factors";
import { type FormValues, initialForm, PLANS } from "./formValues";

/** The form that makes this request. What is as the defaults are now follows them. */
export function formOf(request: SearchRequest, engine: Engine, datasets: readonly Dataset[]): FormValues {
  const initial = initialForm(engine, datasets, request.dataset);
  const dataset = datasets.find(({ name }) => name === initial.dataset);
  const own: Record<string, number | null> = {};
  for (const { key } of LIMITS) own[key] = request.budget[key] ?? null;
  const limited = Object.values(own).some((limit) => limit !== null);
  const protocol = request.settings.strategy?.[PROTOCOL];
  const chosen = {
    strategy: request.strategy,
    space: request.space ?? null,
    evaluator: request.evaluator ?? null,
    settings: {
      ...NO_SETTINGS,
      strategy: protocol === undefined ? {} : { [request.strategy]: { [PROTOCOL]: String(protocol) } },
    },
  };
  const factors = factorsOf(engine, dataset, chosen, limited);
  const settings: Record<Factor, Record<string, Inputs>> = { ...NO_SETTINGS };
  for (const factor of FACTORS) {
    const { choice, schema } = factors.settings[factor];
    const given = request.settings[factor] ?? {};
    const changed = schema.flatMap(({ name, type, default: usual }): [string, string | boolean][] => {
      const value = given[name];
      if (value === undefined || (value === usual && name !== PROTOCOL)) return [];
      return [[name, type === "bool" ? value === true : String(value)]];
    });
    settings[factor] = { [choice]: Object.fromEntries(changed) };
  }
  return {
    ...initial,
    ...chosen,
    settings,
    dataset: request.dataset, // also one that is no longer there, which the form then says
    name: request.name ?? null,
    plan: limited ? "own" : "none",
    own: { ...NO_LIMITS, ...own },
    device: request.budget.device ?? null,
    bytes: request.budget.bytes_per_element ?? initial.bytes,
    seed: String(request.seed),
  };
}

/** A form as it was stored; what cannot be read of it is as `initial` has it. */
export function readForm(stored: unknown, initial: FormValues): FormValues {
  const from = isRecord(stored) ? stored : {};
  const text = <K extends "dataset" | "strategy" | "seed" | "repeats">(key: K) =>
    typeof from[key] === "string" ? from[key] : initial[key];
  const textOrNull = <K extends "name" | "space" | "evaluator" | "profile" | "device">(key: K) =>
    typeof from[key] === "string" || from[key] === null ? from[key] : initial[key];
  const plan = String(from.plan);
  const settings = isRecord(from.settings) ? from.settings : {};
  return {
    name: textOrNull("name"),
    dataset: text("dataset"),
    strategy: text("strategy"),
    space: textOrNull("space"),
    evaluator: textOrNull("evaluator"),
    plan:
      plan in PLANS || ["none", "profile", "own"].includes(plan)
        ? (plan as FormValues["plan"])
        : initial.plan,
    profile: textOrNull("profile"),
    own: { ...NO_LIMITS, ...limitsIn(from.own, (value) => typeof value === "number" || value === null) },
    device: textOrNull("device"),
    typing: limitsIn(from.typing, (value) => typeof value === "string"),
    bytes: typeof from.bytes === "number" ? from.bytes : initial.bytes,
    seed: text("seed"),
    repeats: text("repeats"),
    settings: Object.fromEntries(
      FACTORS.map((factor) => [factor, settingsIn(settings[factor])]),
    ) as FormValues["settings"],
  };
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function limitsIn(stored: unknown, fits: (value: unknown) => boolean): Record<string, never> {
  const entries = LIMITS.flatMap(({ key }) =>
    isRecord(stored) && fits(stored[key]) ? [[key, stored[key]]] : [],
  );
  return Object.fromEntries(entries);
}

function settingsIn(stored: unknown): Record<string, Inputs> {
  if (!isRecord(stored)) return {};
  const readable = (inputs: unknown): [string, string | boolean][] =>
    Object.entries(isRecord(inputs) ? inputs : {}).filter((entry): entry is [string, string | boolean] =>
      ["string", "boolean"].includes(typeof entry[1]),
    );
  return Object.fromEntries(
    Object.entries(stored).map(([choice, inputs]) => [choice, Object.fromEntries(readable(inputs))]),
  );
}
