// The command that runs the same search in a terminal.
import type { SearchRequest } from "../../api/types";
import { LIMITS } from "../../format/costs";
import { changedSettings } from "../../ui/forms/schema";
import { FACTORS, type Factors } from "./factors";

/** A search request with any strategy and dataset names. */
type CommandRequest = Omit<SearchRequest, "strategy" | "dataset"> & { strategy: string; dataset: string };

/** Why there is no equivalent command; null if there is one. */
export function explainNoCommand({ budget }: Pick<CommandRequest, "budget">): string | null {
  return budget.device
    ? "On the command line, latency is measured on the machine that runs the search."
    : null;
}

/** What stands for the path of the user's own file. */
export const OWN_FILE = "YOUR-FILE";

/** The command with what differs from the defaults, which limits and a protocol may change. */
export function commandOf(
  request: CommandRequest,
  { defaults, settings }: Pick<Factors, "defaults" | "settings">,
  uploaded = false,
): string {
  const choices = (["space", "evaluator"] as const).flatMap((factor) => {
    const name = request[factor] ?? null;
    return name === null || name === defaults[factor] ? [] : [`--${factor} ${quoteWord(name)}`];
  });
  const changed = FACTORS.flatMap((factor) =>
    changedSettings(settings[factor].schema, request.settings[factor] ?? {}).map(
      ([name, value]) =>
        `--${factor}.${name.replaceAll("_", "-")} ${typeof value === "boolean" ? (value ? "yes" : "no") : quoteWord(String(value))}`,
    ),
  );
  const limits = LIMITS.flatMap(({ key }) => {
    const limit = request.budget[key];
    return limit === null || limit === undefined ? [] : [`--budget ${key}=${limit}`];
  });
  const elements = request.budget.bytes_per_element;
  if (elements !== 4) limits.push(`--budget bytes_per_element=${elements}`);
  return [
    `python -m search run --dataset ${uploaded ? OWN_FILE : quoteWord(request.dataset)}`,
    `--strategy ${quoteWord(request.strategy)}`,
    ...choices,
    ...changed,
    ...limits,
    `--seed ${request.seed} --out ${quoteWord(folder(request.name ?? ""))}`,
  ].join(" \\\n  ");
}

/** A folder named after the search, without characters that need quoting. */
function folder(name: string): string {
  const slug = name
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, "-")
    .replace(/^-|-$/g, "");
  return `runs/${slug || "search"}`;
}

function quoteWord(text: string): string {
  return /^[\w./:=@%+,-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`;
}
