// The draws that broke a limit or a rule and were drawn again, as text.
import { LIMITS } from "../format/costs";
import { formatInteger } from "../format/numbers";
import { plural } from "../format/text";
import { allDrawn, type Draws, total } from "../live/draws";
import type { Refused } from "../live/events";

/** Of one step: "12 draws refused: 10 over the parameters limit, 2 over the MACs limit"; empty if none was refused */
export function describeRefused(refused: readonly Refused[]): string {
  const count = total(refused);
  return count === 0 ? "" : `${plural(count, "draw")} refused: ${reasonsOf(refused)}`;
}

/**
 * Of all steps that the page knows: "412 of 1,510 draws refused: 390 over the MACs limit, 22 against the rules of the
 * space or repeated"; empty if none was refused
 */
export function describeDraws(draws: Draws): string {
  const { count, refused } = allDrawn(draws);
  const number = total(refused);
  if (number === 0) return "";
  const from = draws.since === 0 ? "" : `From step ${formatInteger(draws.since + 1)} on, `;
  return `${from}${formatInteger(number)} of ${plural(count, "draw")} refused: ${reasonsOf(refused)}`;
}

function reasonsOf(refused: readonly Refused[]): string {
  const broken = refused.filter(({ count }) => count > 0);
  return broken.map(({ limit, count }) => `${formatInteger(count)} ${reasonOf(limit)}`).join(", ");
}

function reasonOf(limit: Refused["limit"]): string {
  if (limit === "rules") return "against the rules of the space or repeated";
  return `over the ${LIMITS.find(({ key }) => key === limit)?.inline ?? limit} limit`;
}
