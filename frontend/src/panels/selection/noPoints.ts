// Why a chart of candidates is empty.
import type { ReadingState } from "../../live/useCandidatePoints";
import type { Moment } from "../../search-view/moment";

/** `expected`: what appears when, as a sentence. */
export function explainNoPoints({ over, step }: Moment, reading: ReadingState, expected: string): string {
  if (reading === "failed") return "The candidates could not be read. Reload the page to try again.";
  if (step === 0 && !over) return expected;
  if (reading === "reading") return "Reading the candidates…";
  return step === 0 ? "The search ended before its first step was decided." : "No candidate was tested.";
}
