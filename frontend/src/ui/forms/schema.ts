// Settings as the engine's schema describes them: what its inputs hold, parsing and validation. The server validates again;
// these checks only answer sooner, with the same numbers.
import { formatNumber, parseNumber } from "../../format/numbers";

export interface ConfigField {
  readonly name: string;
  readonly type: "int" | "float" | "choice" | "bool";
  readonly default: unknown;
  readonly min: number | null;
  readonly max: number | null;
  readonly choices: readonly (string | number)[] | null;
  readonly label: string;
  readonly help: string;
  readonly unit: string | null;
  /** fields of a group are shown together */
  readonly group?: string | null;
  /** why its bounds are narrower here than the engine's, as a sentence without a full stop */
  readonly why?: string;
  /** the smallest value above 0, where 0 has a meaning of its own */
  readonly least?: number;
}

export type Value = number | string | boolean;
/** What the inputs of a form hold: text as typed, or a checkbox. */
export type Inputs = Readonly<Record<string, string | boolean>>;
export type Errors = Readonly<Record<string, string>>;

export interface Reading {
  readonly values: Readonly<Record<string, Value>>;
  readonly errors: Errors;
}

export function initialInputs(
  schema: readonly ConfigField[],
  values: Readonly<Record<string, unknown>> = {},
): Inputs {
  return Object.fromEntries(
    schema.map((field) => {
      const value = values[field.name] ?? field.default;
      return [field.name, field.type === "bool" ? value === true : String(value ?? "")];
    }),
  );
}

export function readInputs(schema: readonly ConfigField[], inputs: Inputs): Reading {
  const values: Record<string, Value> = {};
  const errors: Record<string, string> = {};
  for (const field of schema) {
    const answer = readField(field, inputs[field.name] ?? "");
    if ("error" in answer) errors[field.name] = answer.error;
    else values[field.name] = answer.value;
  }
  return { values, errors };
}

export function readField(field: ConfigField, typed: string | boolean): { value: Value } | { error: string } {
  if (field.type === "bool") return { value: typed === true };
  const text = String(typed).trim();
  if (field.type === "choice") {
    const choice = field.choices?.find((each) => String(each) === text);
    return choice === undefined
      ? { error: `Select one of ${(field.choices ?? []).join(", ")}` }
      : { value: choice };
  }
  const value = parseNumber(text);
  if (value === null) return { error: `Enter a number${describeRange(field)}` };
  if (field.type === "int" && !Number.isInteger(value))
    return { error: `Enter a whole number${describeRange(field)}` };
  const because = field.why ? `. ${field.why}` : "";
  if (field.min !== null && value < field.min) return { error: `Enter at least ${formatNumber(field.min)}` };
  if (field.max !== null && value > field.max)
    return { error: `Enter at most ${formatNumber(field.max)}${because}` };
  if (field.least !== undefined && value !== 0 && value < field.least)
    return { error: `Enter 0, or at least ${formatNumber(field.least)}${because}` };
  return { value };
}

/** " from 2 to 16", ", at least 1", or nothing */
export function describeRange(field: Pick<ConfigField, "min" | "max">): string {
  if (field.min !== null && field.max !== null)
    return ` from ${formatNumber(field.min)} to ${formatNumber(field.max)}`;
  if (field.min !== null) return `, at least ${formatNumber(field.min)}`;
  if (field.max !== null) return `, at most ${formatNumber(field.max)}`;
  return "";
}

/** The settings that differ from the engine's defaults, in the schema's order. */
export function changedSettings(
  schema: readonly ConfigField[],
  values: Readonly<Record<string, Value>>,
): [string, Value][] {
  return schema.flatMap((field) => {
    const value = values[field.name];
    return value === undefined || value === field.default ? [] : [[field.name, value] as [string, Value]];
  });
}

/** Errors of one part of a request body: "config.nodes" under "config" is "nodes"; deeper paths keep their first name. */
export function errorsUnder(
  prefix: string,
  errors: readonly { attr: string | null; detail: string }[],
): Errors {
  const found: Record<string, string> = {};
  for (const { attr, detail } of errors) {
    if (!attr?.startsWith(`${prefix}.`)) continue;
    const name = attr.slice(prefix.length + 1).split(".")[0] as string;
    found[name] ??= detail;
  }
  return found;
}
