// The metrics of a quality in words, and which of their values are better.
import type { QualityMetric } from "./numbers";
import { capitalise } from "./text";

/** "accuracy", "perplexity" or "proxy score" */
export function metricName(metric: QualityMetric): string {
  return metric === "proxy" ? "proxy score" : metric;
}

/** The same as the first word of a label. */
export function metricTitle(metric: QualityMetric): string {
  return capitalise(metricName(metric));
}

export function isLowerBetter(metric: QualityMetric): boolean {
  return metric === "perplexity";
}
