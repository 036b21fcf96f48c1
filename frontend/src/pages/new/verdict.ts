// Can it fit? One answer from the limits and what the smallest and the dense graph cost; the server's word comes on top.
import type { Preview } from "../../api/types";
import { COSTS, type CostWords, listed } from "../../format";
import { type Limits, limited, rangeOf, verdictOf } from "./budget";

export interface Impossible {
  /** null: no single limit is to blame, they cannot be met together */
  readonly words: CostWords | null;
  readonly needed: number;
  readonly detail: string;
}

/**
 * Limits that even the smallest graph breaks. Which graph is the smallest depends on the limits, so the server's answer
 * to exactly these decides; until it is there, the smallest graph known so far is a good guess.
 */
export function impossible(
  limits: Limits,
  known: Preview | undefined,
  answer: Preview | undefined,
): Impossible[] {
  if (answer) {
    return answer.problems.map(({ limit, needed, allowed, detail }) => {
      const words = COSTS.find(({ key }) => key === limit) ?? null;
      return { words, needed, detail: words ? said(words, needed, allowed) : detail };
    });
  }
  if (!known) return [];
  return limited(limits).flatMap((words) => {
    const limit = limits[words.key];
    const range = rangeOf(words.key, known);
    if (limit === null || verdictOf(limit, range) !== "impossible") return [];
    return [{ words, needed: range.smallest, detail: said(words, range.smallest, limit) }];
  });
}

function said(words: CostWords, needed: number, allowed: number): string {
  return `The smallest cell needs ${words.show(needed)}; you allow ${words.show(allowed)}.`;
}

/** The newest costs at hand: those of an answer to these limits, while it is about the same dense graph. */
export function newest(costs: Preview | undefined, answer: Preview | undefined): Preview | undefined {
  const same =
    costs && answer && COSTS.every(({ key }) => rangeOf(key, costs).dense === rangeOf(key, answer).dense);
  return same ? answer : costs;
}

/** What the limits ask of the search when all of them can be met. */
export function outlook(limits: Limits, costs: Preview): { lead: string; more: string } {
  const held = limited(limits);
  if (held.length === 0) {
    return { lead: "No limits", more: "Nothing has to go. The search still cuts, and keeps the best score." };
  }
  const lead =
    held.length === 1 ? `Can fit: ${held[0]?.inline}` : `Can fit ${held.length === 2 ? "both" : "all three"}`;
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
