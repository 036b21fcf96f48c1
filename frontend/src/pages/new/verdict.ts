// Whether the limits can be met, from the costs of the smallest and the largest graph; the server's answer takes precedence.
import type { Preview } from "../../api/types";
import { COSTS, type CostDefinition, LIMITS, type LimitKey } from "../../format/costs";
import { joinWords } from "../../format/text";
import { endName, type Limits, limitedCosts, type Range, rangeOf, verdictOf } from "./budget";

export interface Impossible {
  /** null: no single limit is the cause, they cannot be met together */
  readonly words: CostDefinition<LimitKey> | null;
  readonly needed: number;
  readonly detail: string;
}

/**
 * Limits that even the smallest graph exceeds. Which graph is the smallest depends on the limits, so the server's answer
 * for exactly these decides; until then the smallest graph known so far is an estimate.
 */
export function impossibleLimits(
  limits: Limits,
  known: Preview | undefined,
  answer: Preview | undefined,
): Impossible[] {
  if (answer) {
    return answer.problems.map(({ limit, needed, allowed, detail }) => {
      const words = LIMITS.find(({ key }) => key === limit) ?? null;
      return { words, needed, detail: words ? describeImpossible(words, needed, allowed) : detail };
    });
  }
  if (!known) return [];
  return boundedLimits(limits, known).flatMap(({ words, limit, range }) =>
    verdictOf(limit, range) === "impossible"
      ? [{ words, needed: range.smallest, detail: describeImpossible(words, range.smallest, limit) }]
      : [],
  );
}

function describeImpossible(words: CostDefinition<LimitKey>, needed: number, allowed: number): string {
  return `The smallest cell needs ${words.show(needed)}; the limit is ${words.show(allowed)}.`;
}

interface BoundedLimit {
  readonly words: CostDefinition;
  readonly limit: number;
  readonly range: Range;
}

/** The limits on costs that are known without measuring. */
function boundedLimits(limits: Limits, costs: Preview): BoundedLimit[] {
  return COSTS.flatMap((words) => {
    const limit = limits[words.key];
    return limit === null ? [] : [{ words, limit, range: rangeOf(words.key, costs) }];
  });
}

/** The newest known costs: those of the answer to these limits, if it is about the same largest graph. */
export function newestCosts(costs: Preview | undefined, answer: Preview | undefined): Preview | undefined {
  const same =
    costs && answer && COSTS.every(({ key }) => rangeOf(key, costs).largest === rangeOf(key, answer).largest);
  return same ? answer : costs;
}

const ALL = ["", "", "Both limits", "All three limits", "All four limits"];

/** What the limits demand of the search if all can be met. */
export function outlook(limits: Limits, costs: Preview): { lead: string; more: string } {
  const all = limitedCosts(limits);
  if (all.length === 0) return { lead: "No limits", more: "The search keeps the cell with the best score." };
  const bounded = boundedLimits(limits, costs);
  const measured =
    limits.latency === null ? "" : " Latency is measured during the search, before each candidate is tested.";
  if (bounded.length === 0) return { lead: "Latency is not known yet", more: measured.trim() };
  const whole = bounded.length === all.length;
  const lead =
    bounded.length === 1
      ? `The limit on ${bounded[0]?.words.inline} can be met`
      : `${whole ? ALL[bounded.length] : "The limits that can be calculated"} can be met`;
  const biting = bounded.filter(({ limit, range }) => verdictOf(limit, range) === "must-go");
  const { graph, largest } = endName(costs.graph.nodes);
  if (biting.length === 0)
    return { lead, more: `The ${largest} ${graph} already fits all limits.${measured}` };
  const slack = ({ limit, range: { smallest, largest } }: BoundedLimit) =>
    (limit - smallest) / Math.max(1, largest - smallest);
  const tightest = [...biting].sort((a, b) => slack(a) - slack(b))[0];
  const over =
    biting.length === COSTS.length ? "every limit" : joinWords(biting.map(({ words }) => words.inline));
  const tail = biting.length > 1 ? ` Tightest: ${tightest?.words.inline}.` : "";
  return {
    lead,
    more: `The ${largest} ${graph} is over ${over}; the smallest ${graph} is not.${tail}${measured}`,
  };
}
