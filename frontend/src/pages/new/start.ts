// The forms that a new search can start from: a template or an earlier search, which are complete requests, and a form that
// was kept while its user was elsewhere. Pure.
import type { Dataset, Engine, SearchDraft } from "../../api/types";
import { LIMITS } from "../../format/costs";
import type { Draft } from "../../ui/forms/schema";
import { NO_LIMITS } from "./budget";
import { type Form, initialForm, PLANS } from "./draft";
import { FACTORS, type Factor, factorsOf, NO_SETTINGS, PROTOCOL } from "./factors";

/** The form that makes this request. What is as the defaults are now follows them. */
export function formOf(draft: SearchDraft, engine: Engine, datasets: readonly Dataset[]): Form {
  const initial = initialForm(engine, datasets, draft.dataset);
  const dataset = datasets.find(({ name }) => name === initial.dataset);
  const own: Record<string, number | null> = {};
  for (const { key } of LIMITS) own[key] = draft.budget[key] ?? null;
  const limited = Object.values(own).some((limit) => limit !== null);
  const protocol = draft.settings.strategy?.[PROTOCOL];
  const chosen = {
    strategy: draft.strategy,
    space: draft.space ?? null,
    evaluator: draft.evaluator ?? null,
    settings: {
      ...NO_SETTINGS,
      strategy: protocol === undefined ? {} : { [draft.strategy]: { [PROTOCOL]: String(protocol) } },
    },
  };
  const factors = factorsOf(engine, dataset, chosen, limited);
  const settings: Record<Factor, Record<string, Draft>> = { ...NO_SETTINGS };
  for (const factor of FACTORS) {
    const { choice, schema } = factors.settings[factor];
    const given = draft.settings[factor] ?? {};
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
    dataset: draft.dataset, // also one that is no longer there, which the form then says
    name: draft.name ?? null,
    plan: limited ? "own" : "none",
    own: { ...NO_LIMITS, ...own },
    device: draft.budget.device ?? null,
    bytes: draft.budget.bytes_per_element ?? initial.bytes,
    seed: String(draft.seed),
  };
}

/** A form as it was stored; what cannot be read of it is as `initial` has it. */
export function readForm(stored: unknown, initial: Form): Form {
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
    plan: plan in PLANS || ["none", "profile", "own"].includes(plan) ? (plan as Form["plan"]) : initial.plan,
    profile: textOrNull("profile"),
    own: { ...NO_LIMITS, ...limitsIn(from.own, (value) => typeof value === "number" || value === null) },
    device: textOrNull("device"),
    typing: limitsIn(from.typing, (value) => typeof value === "string"),
    bytes: typeof from.bytes === "number" ? from.bytes : initial.bytes,
    seed: text("seed"),
    repeats: text("repeats"),
    settings: Object.fromEntries(
      FACTORS.map((factor) => [factor, settingsIn(settings[factor])]),
    ) as Form["settings"],
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

function settingsIn(stored: unknown): Record<string, Draft> {
  if (!isRecord(stored)) return {};
  const readable = (draft: unknown): [string, string | boolean][] =>
    Object.entries(isRecord(draft) ? draft : {}).filter((entry): entry is [string, string | boolean] =>
      ["string", "boolean"].includes(typeof entry[1]),
    );
  return Object.fromEntries(
    Object.entries(stored).map(([choice, draft]) => [choice, Object.fromEntries(readable(draft))]),
  );
}
