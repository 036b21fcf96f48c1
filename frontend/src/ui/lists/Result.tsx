// A quality in a list: in its metric, with where it was measured, and the trained result beside it.
import clsx from "clsx";
import type { TrainedResult } from "../../api/types";
import { metricName, metricTitle } from "../../format/metrics";
import { formatQuality, type Metric, MISSING, type QualityMetric } from "../../format/numbers";
import { capitalise } from "../../format/text";
import { ascending, descending } from "./address";
import styles from "./lists.module.css";

interface ResultProps {
  metric: QualityMetric;
  value: number | null;
  /** where it was measured, if the column does not say so */
  what?: string;
  trained?: TrainedResult | null;
}

export function Result({ metric, value, what = "", trained = null }: ResultProps) {
  const after = trained && trainedWords(trained);
  return (
    <span className={styles.result}>
      {value === null ? (
        <span className="sub">
          <span aria-hidden="true">{MISSING}</span>
          <span className="sr">not measured yet</span>
        </span>
      ) : (
        <span>
          {metric === "proxy" && <span className={clsx("sub", styles.unit)}>{metricName(metric)} </span>}
          <b>{formatQuality(value, metric)}</b>
          {metric === "perplexity" && <span className={clsx("sub", styles.unit)}> perplexity</span>}
        </span>
      )}
      {value !== null && what && <span className="sub">{what}</span>}
      {after && <span className="sub">{after}</span>}
    </span>
  );
}

/** "trained 98.1% test": the test figure if there is one. */
function trainedWords(trained: TrainedResult): string {
  const metric: Metric =
    (trained.test_perplexity ?? trained.val_perplexity) === null ? "accuracy" : "perplexity";
  const [validation, test] =
    metric === "perplexity"
      ? [trained.val_perplexity, trained.test_perplexity]
      : [trained.val_accuracy, trained.test_accuracy];
  return `trained ${formatQuality(test ?? validation, metric)} ${test === null ? "validation" : "test"}`;
}

/** The orders of a column of results: one for each metric that its rows have. `of`: before the metric in names of the
 * server. */
export function resultSorts(rows: readonly { metric: QualityMetric }[], of: "" | "test_" = "") {
  const has = (metric: QualityMetric) => rows.some((row) => row.metric === metric);
  const named = (metric: QualityMetric) => capitalise(`${of.replace("_", " ")}${metricName(metric)}`);
  const others = has("perplexity") || has("proxy");
  return [
    ...(others && !has("accuracy") ? [] : [descending(`${of}accuracy`, named("accuracy"))]),
    ...(has("perplexity") ? [ascending(`${of}perplexity`, named("perplexity"))] : []),
    ...(has("proxy") ? [descending(`${of}proxy`, named("proxy"))] : []),
  ];
}

/** The name of the figure of one row. */
export function metricLabel(metric: QualityMetric, before: "" | "Best" | "Test" | "Validation" = ""): string {
  return before ? `${before} ${metricName(metric)}` : metricTitle(metric);
}
