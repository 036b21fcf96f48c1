// Can it fit? One answer from the limits and what the smallest and the dense graph cost; the server's word comes on top.
import type { Preview } from "../../api/types";
import { COSTS, type CostKey, type CostWords, listed } from "../../format";
import { type Limits, limited, rangeOf, verdictOf } from "./budget";

export interface Impossible {
  readonly words: CostWords;
  readonly needed: number;
  readonly detail: string;
}

/** Limits that even the smallest graph breaks: at once from the costs at hand, and whatever else the server found. */
export function impossible(
  limits: Limits,
  costs: Preview | undefined,
  answer: Preview | undefined,
): Impossible[] {
  if (!costs) return [];
  const found = new Map<CostKey, Impossible>();
  for (const words of limited(limits)) {
    const { smallest, dense } = rangeOf(words.key, costs);
    const limit = limits[words.key];
    if (limit === null || verdictOf(limit, { smallest, dense }) !== "impossible") continue;
    const detail = `The smallest cell needs ${words.show(smallest)}; you allow ${words.show(limit)}.`;
    found.set(words.key, { words, needed: smallest, detail });
  }
  for (const problem of answer?.problems ?? []) {
    const words = COSTS.find((each) => each.key === problem.limit);
    // An answer to limits that have changed since says nothing about these.
    if (!words || found.has(words.key) || limits[words.key] !== problem.allowed) continue;
    found.set(words.key, { words, needed: problem.needed, detail: problem.detail });
  }
  return COSTS.flatMap(({ key }) => found.get(key) ?? []);
}

/** What the limits ask of the search when all of them can be met. */
export function outlook(limits: Limits, costs: Preview): { lead: string; more: string } {
  const held = limited(limits);
  if (held.length === 0) {
    return { lead: "No limits", more: "Nothing has to go. The search still cuts, and keeps the best score." };
  }
  const lead =
    held.length === 1 ? `Can fit: ${held[0]?.inline}` : `Can fit all ${held.length === 2 ? "two" : "three"}`;
  const biting = held.filter(({ key }) => verdictOf(limits[key], rangeOf(key, costs)) === "must-go");
  if (biting.length === 0) return { lead, more: "The dense cell fits already: nothing has to go." };
  const slack = ({ key }: CostWords) => {
    const { smallest, dense } = rangeOf(key, costs);
    return ((limits[key] ?? dense) - smallest) / Math.max(1, dense - smallest);
  };
  const tightest = [...biting].sort((a, b) => slack(a) - slack(b))[0];
  const over = biting.length === COSTS.length ? "every limit" : listed(biting.map(({ inline }) => inline));
  const tail = biting.length > 1 ? ` Tightest: ${tightest?.inline}.` : "";
  return { lead, more: `The dense cell is over ${over}; the smallest is under.${tail}` };
}
