// The order of the steps of a search that has ended.
import type { Step } from "../../live/history";

type Ranked = Pick<Step, "fits" | "score">;

/** The best first: steps that fit all limits before those that do not, then by score, which may be of any size. */
export function compareSteps(a: Ranked, b: Ranked): number {
  return Number(b.fits) - Number(a.fits) || b.score - a.score;
}
