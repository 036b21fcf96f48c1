/* The options of an upload; which of them apply depends on the file's content. */
import type { Limits } from "../../api/engine";
import { formatInteger, parseWhole } from "../../format/numbers";

export type Holds = "images" | "text";

export interface Draft {
  readonly holds: Holds;
  readonly side: string;
  readonly tokens: string; // empty: chosen by the server
  readonly vocabulary: string;
}

/** Text files are recognised by name; other files may hold either kind, an npz holds images. */
export function initialDraft(file: string): Draft {
  return { holds: isText(file) ? "text" : "images", side: "", tokens: "", vocabulary: "" };
}

export function isText(file: string): boolean {
  return /\.(txt|tokens)(\.(gz|xz))?$/i.test(file);
}

/** Whether the name does not tell what it holds. */
export function isUnclear(file: string): boolean {
  return !isText(file) && !/\.npz$/i.test(file);
}

export interface Options {
  readonly holds: Holds;
  readonly side?: number;
  readonly tokens?: "blanks" | "words";
  readonly vocabulary?: number;
}

export type OptionErrors = Partial<Record<"side" | "vocabulary", string>>;

/** The options to send, and the fields that are invalid; without limits the server alone checks the size. */
export function optionsOf(
  draft: Draft,
  limits: Limits["upload"] | undefined,
): { options: Options; errors: OptionErrors } {
  const errors: OptionErrors = {};
  const whole = (key: "side" | "vocabulary", what: string): number | undefined => {
    if (draft[key].trim() === "") return undefined;
    const [min, max] = [limits?.[`min_${key}`] ?? 0, limits?.[`max_${key}`] ?? Number.MAX_SAFE_INTEGER];
    const value = parseWhole(draft[key], min, max);
    const range = limits && ` from ${formatInteger(min)} to ${formatInteger(max)}`;
    if (value === null)
      errors[key] = `Enter a whole number of ${what}${range ?? ""}, or leave the field empty`;
    return value ?? undefined;
  };
  if (draft.holds === "images") {
    const side = whole("side", "pixels");
    return { options: { holds: draft.holds, ...(side !== undefined && { side }) }, errors };
  }
  const vocabulary = whole("vocabulary", "words");
  const tokens = draft.tokens === "blanks" || draft.tokens === "words" ? draft.tokens : undefined;
  const options: Options = {
    holds: draft.holds,
    ...(tokens && { tokens }),
    ...(vocabulary !== undefined && { vocabulary }),
  };
  return { options, errors };
}
