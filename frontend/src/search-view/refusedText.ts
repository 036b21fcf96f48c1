// The draws of a round that broke a limit and were drawn again, as text.
import { LIMITS } from "../format/costs";
import { formatInteger } from "../format/numbers";
import { plural } from "../format/text";
import type { Refused } from "../live/events";

/** "12 draws refused: 10 over parameters, 2 over MACs"; empty if none was refused */
export function describeRefused(refused: readonly Refused[]): string {
  const broken = refused.filter(({ count }) => count > 0);
  if (broken.length === 0) return "";
  const total = broken.reduce((sum, { count }) => sum + count, 0);
  const reasons = broken.map(({ limit, count }) => `${formatInteger(count)} ${reasonOf(limit)}`);
  return `${plural(total, "draw")} refused: ${reasons.join(", ")}`;
}

function reasonOf(limit: Refused["limit"]): string {
  if (limit === "rules") return "against the rules of the search space";
  return `over ${LIMITS.find(({ key }) => key === limit)?.inline ?? limit}`;
}
