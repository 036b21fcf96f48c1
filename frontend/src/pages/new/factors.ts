// The factors of a search of the chosen dataset: search space, strategy, evaluator, objective and answer. What is offered
// for each, what is chosen, and its settings. Pure.
import type { Dataset, Engine, Evaluator, Protocol, SearchRequest, Space, Strategy } from "../../api/types";
import { type ConfigField, type Inputs, initialInputs } from "../../ui/forms/schema";

export const FACTORS = ["space", "strategy", "evaluator", "objective", "answer"] as const;
export type Factor = (typeof FACTORS)[number];

/** The evaluator whose candidates are scored without training. */
const SCORE = "score";

export function isScored({ evaluator }: Pick<Factors, "evaluator">): boolean {
  return evaluator?.name === SCORE;
}

/** The setting of a strategy that chooses its protocol. */
export const PROTOCOL = "protocol";

type SettingsByFactor = NonNullable<SearchRequest["settings"]>;

/** What the user chose and changed. A choice that is not offered is kept for when it is again. */
export interface Selected {
  readonly strategy: string;
  readonly space: string | null; // null: the default
  readonly evaluator: string | null; // null: the default
  /** changed settings by factor and name of the choice; objective and answer, which are not chosen, have the name "" */
  readonly settings: Readonly<Record<Factor, Readonly<Record<string, Inputs>>>>;
}

export const NO_SETTINGS: Selected["settings"] = {
  space: {},
  strategy: {},
  evaluator: {},
  objective: {},
  answer: {},
};

/** The settings of one factor. */
export interface FactorSettings {
  readonly choice: string;
  /** with the defaults of the evaluator, within limits, and of the chosen protocol */
  readonly schema: readonly ConfigField[];
  readonly values: Inputs;
  /** settings that the chosen protocol fixes: they are shown but not sent */
  readonly fixed: readonly string[];
}

export interface Factors {
  readonly spaces: readonly Space[];
  readonly space: Space | undefined;
  readonly strategies: readonly Strategy[];
  readonly strategy: Strategy | undefined;
  readonly evaluators: readonly Evaluator[];
  readonly evaluator: Evaluator | undefined;
  readonly protocol: Protocol | undefined;
  /** what the server takes where a request names no space or evaluator */
  readonly defaults: { readonly space: string | null; readonly evaluator: string | null };
  readonly settings: Readonly<Record<Factor, FactorSettings>>;
}

type Offer = Pick<Engine, "strategies" | "spaces" | "evaluators" | "objective" | "answer" | "within_limits">;

/** `limited`: the search has a limit, so that other defaults hold. */
export function factorsOf(
  { strategies, spaces, evaluators, objective, answer, within_limits }: Offer,
  dataset: Pick<Dataset, "kind"> | undefined,
  selected: Selected,
  limited: boolean,
): Factors {
  const fitting = ({ spaces: names }: Strategy) =>
    names.flatMap((name) => spaces.filter((each) => each.name === name && each.kind === dataset?.kind));
  const able = strategies.filter((each) => fitting(each).length > 0);
  const strategy = find(able, selected.strategy);
  const offered = strategy ? fitting(strategy) : [];
  const usualSpace = find(offered, strategy?.usual.space ?? null);
  const space = offered.find(({ name }) => name === selected.space) ?? usualSpace;
  const protocol = protocolOf(strategy, selected);
  const estimators = evaluators.filter(
    (each) =>
      schemaFor(each, space) !== undefined &&
      (!protocol?.fixed || (protocol.evaluator ?? each.name) === each.name),
  );
  const usual = find(estimators, strategy?.usual.evaluator ?? null);
  const evaluator = estimators.find(({ name }) => name === selected.evaluator) ?? usual;
  const ofProtocol: SettingsByFactor = protocol?.settings[space?.name ?? ""] ?? {};
  const ofLimits: SettingsByFactor[] = limited ? [within_limits, protocol?.within_limits ?? {}] : [];
  const ofEvaluator: SettingsByFactor = evaluator?.defaults ?? {};
  const settings = (factor: Factor, choice: string, schema: readonly ConfigField[] = []) =>
    settingsOf(
      choice,
      // Later defaults replace earlier ones.
      withDefaults(
        schema,
        Object.assign({}, ...[ofEvaluator, ...ofLimits, ofProtocol].map((given) => given[factor])),
      ),
      selected.settings[factor][choice],
      protocol?.fixed ? Object.keys(ofProtocol[factor] ?? {}) : [],
    );
  return {
    spaces: offered,
    space,
    strategies: able,
    strategy,
    evaluators: estimators,
    evaluator,
    protocol,
    defaults: { space: usualSpace?.name ?? null, evaluator: usual?.name ?? null },
    settings: {
      space: settings("space", space?.name ?? "", space?.schema),
      strategy: settings("strategy", strategy?.name ?? "", strategy?.schema),
      evaluator: settings("evaluator", evaluator?.name ?? "", evaluator && schemaFor(evaluator, space)),
      objective: settings("objective", "", objective),
      answer: settings("answer", "", answer),
    },
  };
}

/** Factors whose settings most searches leave as they are. */
export const ADVANCED: readonly Factor[] = ["strategy", "evaluator", "objective", "answer"];

/** How many settings these factors have, and how many are not as usual; the evaluator is one of them. */
export function advancedSettings(factors: Factors): { count: number; changed: number } {
  const { evaluators, evaluator, defaults, settings } = factors;
  let count = evaluators.length > 1 ? 1 : 0;
  let changed = evaluator && evaluator.name !== defaults.evaluator ? 1 : 0;
  for (const factor of ADVANCED) {
    const { schema, values, fixed } = settings[factor];
    const usual = initialInputs(schema);
    const free = schema.filter(({ name }) => !fixed.includes(name));
    count += free.length;
    changed += free.filter(({ name }) => values[name] !== usual[name]).length;
  }
  return { count, changed };
}

/** The one of that name, or else the first. */
function find<T extends { readonly name: string }>(
  offered: readonly T[],
  name: string | null,
): T | undefined {
  return offered.find((each) => each.name === name) ?? offered[0];
}

function protocolOf(strategy: Strategy | undefined, { settings }: Selected): Protocol | undefined {
  const field = strategy?.schema.find(({ name }) => name === PROTOCOL);
  const name = settings.strategy[strategy?.name ?? ""]?.[PROTOCOL] ?? field?.default;
  return strategy?.protocols.find((each) => each.name === name);
}

function schemaFor({ schemas }: Evaluator, space: Space | undefined): readonly ConfigField[] | undefined {
  return space && schemas[space.kind];
}

function withDefaults(
  schema: readonly ConfigField[],
  given: Readonly<Record<string, unknown>>,
): ConfigField[] {
  return schema.map((field) => (field.name in given ? { ...field, default: given[field.name] } : field));
}

function settingsOf(
  choice: string,
  schema: readonly ConfigField[],
  changed: Inputs | undefined,
  fixed: readonly string[],
): FactorSettings {
  const held = schema.filter(({ name }) => fixed.includes(name));
  return {
    choice,
    schema,
    values: { ...initialInputs(schema), ...changed, ...initialInputs(held) },
    fixed: held.map(({ name }) => name),
  };
}
