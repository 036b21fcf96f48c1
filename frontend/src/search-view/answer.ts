// The answer of a search: the finalists that are trained for it, where its cell is shown, and how it was measured.
import type { DagGraph } from "../dag/graph";
import { formatQuality } from "../format/numbers";
import { plural } from "../format/text";
import type { Answer, View } from "../live/events";
import { type Moment, wholeGraph } from "./moment";
import { activeEdgesAt, costAt, decisionAt, firstStep } from "./replay";

type Finalists = Pick<Moment, "candidates"> | Pick<View, "candidates">;

/** "3 finalists", of those that are in training */
export function countFinalists({ candidates }: Finalists): string {
  return plural(candidates.length, "finalist");
}

/** What the search does after its last step, as sentences. */
export function explainAnswering({ candidates }: Finalists): string {
  const several = candidates.length !== 1;
  const which = several ? `${candidates.length} best cells that fit are` : "best cell that fits is";
  const end = several ? "The best of them becomes the answer." : "It becomes the answer.";
  return `The steps are done. The ${which} trained once more, from scratch and longer. ${end}`;
}

/** "accuracy 97.0%", which is the answer's one measurement */
export function describeAnswer({ best, metric }: Pick<View, "best" | "metric">): string {
  return best ? `${metric} ${formatQuality(best.quality, metric)}` : "";
}

/** How the answer's quality was measured, as a sentence. */
export function explainMeasurement(view: View, best: Answer): string {
  if (best.measured === null) return "Measured in the search that this one was forked from.";
  return isOfFinalists(view, best)
    ? "Trained from scratch, longer than candidates."
    : "Measured by its short training as a candidate.";
}

/** Whether the last round measured it, and was that of the finalists. */
function isOfFinalists({ status, phase, branch, round }: View, { measured }: Answer): boolean {
  const last = measured?.branch === branch && measured.round === round;
  return status === "finished" && phase === "answer" && last;
}

/** The whole graph with the answer's edges, which a candidate may have had alone, and the ids of those. */
export function answerCell(view: View, { graph }: Answer): { graph: DagGraph; live: ReadonlySet<string> } {
  const whole = wholeGraph(view);
  const missing = <T extends { id: unknown }>(own: readonly T[], of: readonly T[]) =>
    own.filter(({ id }) => of.every((each) => each.id !== id));
  return {
    graph: {
      nodes: [...whole.nodes, ...missing(graph.nodes, whole.nodes)],
      edges: [...whole.edges, ...missing(graph.edges, whole.edges)],
    },
    live: new Set(graph.edges.map(({ id }) => id)),
  };
}

/** The step that shows the cell of the answer; null if it is a candidate that no step chose. */
export function answerStep(view: View): number | null {
  const { best } = view;
  if (!best || best.step < firstStep(view) || (best.step > 0 && !decisionAt(view, best.step))) return null;
  const cost = costAt(view, best.step);
  const edges = activeEdgesAt(view, best.step);
  // Cells of equal edges may differ in their operations, and then in their costs.
  const same =
    edges.size === best.graph.edges.length &&
    best.graph.edges.every(({ id }) => edges.has(id)) &&
    cost?.params === best.cost.params &&
    cost.macs === best.cost.macs;
  return same ? best.step : null;
}

/** Where the answer's cell comes from: "step 6", or "candidate of step 6" */
export function answerOrigin(view: View, best: Answer): string {
  return answerStep(view) === null ? `candidate of step ${best.step}` : `step ${best.step}`;
}

/** The answer in an announcement: " Its answer: accuracy 97.0%." */
export function speakAnswer(view: View): string {
  if (view.status === "cancelled") return "";
  return view.best ? ` Its answer: ${describeAnswer(view)}.` : " It has no answer.";
}
