// The answer of a search: the finalists that are trained for it, where its cell is shown, and how it was measured.
import type { DagGraph } from "../dag/graph";
import { LIMITS } from "../format/costs";
import { metricName, metricTitle } from "../format/metrics";
import { formatQuality } from "../format/numbers";
import { plural } from "../format/text";
import type { Answer } from "../live/events";
import { partsOfAnswer } from "../live/graphView";
import { cellAt, decisionAt, type Line } from "../live/line";
import type { Parts, View } from "../live/view";
import { type Moment, wholeGraph } from "./moment";

/** How many finalists there are. */
type Finalists = Pick<Moment, "candidateCount">;

/** "3 finalists", of those that are in training */
export function countFinalists({ candidateCount }: Finalists): string {
  return plural(candidateCount, "finalist");
}

/** What the search does after its last step, as sentences. */
export function explainAnswering({ candidateCount }: Finalists, { metric }: Pick<View, "metric">): string {
  const several = candidateCount !== 1;
  const which = several ? `${candidateCount} best cells that fit are` : "best cell that fits is";
  const end = several ? "The best of them becomes the answer." : "It becomes the answer.";
  const how = metric === "proxy" ? "trained now, from scratch" : "trained once more, from scratch and longer";
  return `The steps are done. The ${which} ${how}. ${end}`;
}

/** "accuracy 97.0%", which is the answer's one measurement */
export function describeAnswer({ answer }: Pick<View, "answer">): string {
  return answer ? `${metricName(answer.metric)} ${formatQuality(answer.quality, answer.metric)}` : "";
}

/** "Validation accuracy", or "Proxy score" of one that was not trained */
export function answerQuality({ metric }: Pick<Answer, "metric">): string {
  return metric === "proxy" ? metricTitle(metric) : `Validation ${metric}`;
}

/** "98.1%, step 3", or "proxy score 312.4, step 3", of the best cell so far that fits all limits */
export function describeBest({ best, budget, over }: Pick<View, "best" | "budget" | "over">): string {
  if (best) {
    const name = best.metric === "proxy" ? `${metricName(best.metric)} ` : "";
    return `${name}${formatQuality(best.quality, best.metric)}, step ${best.step}`;
  }
  const limited = budget !== null && LIMITS.some(({ key }) => typeof budget[key] === "number");
  if (!limited) return "none yet";
  return over.length === 0 ? "none tested yet" : "none fits all limits yet";
}

/** How the answer's quality was measured, as a sentence. */
export function explainMeasurement(view: View, answer: Answer): string {
  if (answer.measured === null) return "Measured in the search that this one was forked from.";
  if (answer.metric === "proxy") return "Scored as a candidate, and not trained.";
  if (!isOfFinalists(view, answer)) return "Measured by its short training as a candidate.";
  return view.metric === "proxy"
    ? "Trained from scratch; candidates were scored without training."
    : "Trained from scratch, longer than candidates.";
}

/** Whether the last round measured it, and was that of the finalists. */
function isOfFinalists({ status, phase, branch, round }: View, { measured }: Answer): boolean {
  const last = measured?.branch === branch && measured.round === round;
  return status === "finished" && phase === "answer" && last;
}

/** The view of a search that has ended, with the graph and the cost of its answer instead of those of its last step. */
export function answerView(view: View): View {
  const { answer } = view;
  return answer ? { ...view, ...partsOfAnswer(view, answer.graph), cost: answer.cost, over: [] } : view;
}

/** The whole graph with the answer's parts, which a candidate may have had alone, and the ids of its edges. */
export function answerCell(parts: Parts, { graph }: Answer): { graph: DagGraph; live: ReadonlySet<string> } {
  const whole = partsOfAnswer(parts, graph);
  const active = whole.edges.filter(({ state }) => state === "active");
  return { graph: wholeGraph(whole), live: new Set(active.map(({ id }) => id)) };
}

/** The step that shows the cell of the answer; null if it is a candidate that no step chose. */
export function answerStep({ answer, start }: View, line: Line): number | null {
  if (!answer || answer.step < line.first || answer.step > line.last) return null;
  const cost = decisionAt(line, answer.step)?.cost ?? (answer.step === 0 ? start : null);
  const edges = cellAt(line, answer.step);
  // Cells of equal edges may differ in their operations, and then in their costs.
  const same =
    edges.size === answer.graph.edges.length &&
    answer.graph.edges.every(([source, target]) => edges.has(`${source}-${target}`)) &&
    cost?.params === answer.cost.params &&
    cost.macs === answer.cost.macs;
  return same ? answer.step : null;
}

/** Where the answer's cell comes from: "step 6", or "candidate of step 6" */
export function answerOrigin(view: View, line: Line, answer: Answer): string {
  return answerStep(view, line) === null ? `candidate of step ${answer.step}` : `step ${answer.step}`;
}

/** The answer in an announcement: " Its answer: accuracy 97.0%." */
export function speakAnswer(view: View): string {
  if (view.status === "cancelled") return "";
  return view.answer ? ` Its answer: ${describeAnswer(view)}.` : " It has no answer.";
}
