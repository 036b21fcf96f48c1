// Can it fit? One answer from the limits and what the smallest and the dense graph cost; the server's word comes on top.
import type { Preview } from "../../api/types";
import { COSTS, type CostWords, LIMITS, type LimitKey } from "../../format/costs";
import { listed } from "../../format/text";
import { type Limits, limited, type Range, rangeOf, verdictOf } from "./budget";

export interface Impossible {
  /** null: no single limit is to blame, they cannot be met together */
  readonly words: CostWords<LimitKey> | null;
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
      const words = LIMITS.find(({ key }) => key === limit) ?? null;
      return { words, needed, detail: words ? said(words, needed, allowed) : detail };
    });
  }
  if (!known) return [];
  return computed(limits, known).flatMap(({ words, limit, range }) =>
    verdictOf(limit, range) === "impossible"
      ? [{ words, needed: range.smallest, detail: said(words, range.smallest, limit) }]
      : [],
  );
}

function said(words: CostWords<LimitKey>, needed: number, allowed: number): string {
  return `The smallest cell needs ${words.show(needed)}; you allow ${words.show(allowed)}.`;
}

interface Held {
  readonly words: CostWords;
  readonly limit: number;
  readonly range: Range;
}

/** The limits on what a graph costs by itself; a latency is known once it is measured. */
function computed(limits: Limits, costs: Preview): Held[] {
  return COSTS.flatMap((words) => {
    const limit = limits[words.key];
    return limit === null ? [] : [{ words, limit, range: rangeOf(words.key, costs) }];
  });
}

/** The newest costs at hand: those of an answer to these limits, while it is about the same dense graph. */
export function newest(costs: Preview | undefined, answer: Preview | undefined): Preview | undefined {
  const same =
    costs && answer && COSTS.every(({ key }) => rangeOf(key, costs).dense === rangeOf(key, answer).dense);
  return same ? answer : costs;
}

const ALL = ["", "", "both", "all three", "all four"];

/** What the limits ask of the search when all of them can be met. */
export function outlook(limits: Limits, costs: Preview): { lead: string; more: string } {
  const all = limited(limits);
  if (all.length === 0) {
    return { lead: "No limits", more: "Nothing has to go. The search still cuts, and keeps the best score." };
  }
  const held = computed(limits, costs);
  const measured =
    limits.latency === null ? "" : " Latency shows in the search, which measures before it trains.";
  if (held.length === 0) return { lead: "To be measured", more: measured.trim() };
  const whole = held.length === all.length;
  const lead =
    held.length === 1
      ? `Can fit: ${held[0]?.words.inline}`
      : `Can fit ${whole ? ALL[held.length] : "all that can be told now"}`;
  const biting = held.filter(({ limit, range }) => verdictOf(limit, range) === "must-go");
  if (biting.length === 0)
    return { lead, more: `The dense cell fits already: nothing has to go.${measured}` };
  const slack = ({ limit, range: { smallest, dense } }: Held) =>
    (limit - smallest) / Math.max(1, dense - smallest);
  const tightest = [...biting].sort((a, b) => slack(a) - slack(b))[0];
  const over =
    biting.length === COSTS.length ? "every limit" : listed(biting.map(({ words }) => words.inline));
  const tail = biting.length > 1 ? ` Tightest: ${tightest?.words.inline}.` : "";
  return { lead, more: `The dense cell is over ${over}; the smallest is under.${tail}${measured}` };
}
