// What a search knows of its candidates: the metric of their quality, and whether they are trained or scored.
import type { Metric, QualityMetric } from "../format/numbers";
import type { Task } from "../live/events";
import type { View } from "../live/view";

type About = Pick<View, "metric" | "phase" | "macro">;

/** The metric of the open candidates: finalists are trained, also where all others are scored. */
export function candidateMetric(view: About): QualityMetric {
  return view.phase === "answer" ? trainedMetric(view) : view.metric;
}

/** The metric of trained networks of this search's data. */
function trainedMetric({ metric, macro }: About): Metric {
  if (metric !== "proxy") return metric;
  return macro?.kind === "text" ? "perplexity" : "accuracy";
}

/** What is done with candidates that are not finalists: "tested", or "scored" where none is trained. */
export function doneWord({ metric }: Pick<View, "metric">): string {
  return metric === "proxy" ? "scored" : "tested";
}

/** Whether a score compares a candidate with those of its time, so that scores of other steps may mislead. */
export function hasRelativeScores(task: Task | null): boolean {
  const { second, third } = (task?.evaluator.config ?? {}) as { second?: unknown; third?: unknown };
  return [second, third].some((proxy) => typeof proxy === "string" && proxy !== "none");
}

/** Beside lists and charts with scores of several steps, where `hasRelativeScores`. */
export const RELATIVE_SCORES = "A score compares candidates of one time";
