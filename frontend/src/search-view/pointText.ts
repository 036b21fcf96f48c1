// A measured candidate in words, as charts say it.
import { metricName } from "../format/metrics";
import { formatCount, formatQuality, formatScore, type QualityMetric } from "../format/numbers";
import { formatEdge } from "../format/text";
import { type CandidatePoint, fits } from "../live/candidatePoints";
import type { Budget } from "../live/events";

/** "Without 0→5, or its label, and the step that it was tested for" */
export function pointName({ edge, label, step }: CandidatePoint): string {
  return `Step ${step}, ${edge !== null ? `without ${formatEdge(edge)}` : (label ?? "no change")}`;
}

/** "Step 3, without 0→5: score 0.9740" */
export function describeScore(point: CandidatePoint): string {
  return `${pointName(point)}: score ${formatScore(point.score)}`;
}

/** "Step 3, without 0→5: accuracy 98.1%, 521 k MACs, over a limit" */
export function describePoint(point: CandidatePoint, metric: QualityMetric, budget: Budget | null): string {
  const figures = `${metricName(metric)} ${formatQuality(point.quality, metric)}, ${formatCount(point.macs)} MACs`;
  return `${pointName(point)}: ${figures}${fits(point, budget) ? "" : ", over a limit"}`;
}
