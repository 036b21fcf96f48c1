// The states of a training as text, and the commands allowed in each.

import type { TrainedModel } from "../../api/types";
import { formatQuality, type Metric } from "../../format/numbers";
import { plural } from "../../format/text";

export type TrainingCommand = "pause" | "resume" | "stop";

const WORDS: Readonly<Record<string, string>> = {
  queued: "Waiting for a worker",
  running: "Training",
  paused: "Paused",
  stopping: "Stopping",
  finished: "Finished",
  stopped: "Stopped",
  failed: "Failed",
};

export function statusWord(status: string): string {
  return WORDS[status] ?? status;
}

/** Whether the model may still change without a command. */
export function isLive({ status, exports }: Pick<TrainedModel, "status" | "exports">): boolean {
  const live: string[] = ["queued", "running", "stopping"];
  return live.includes(status) || exports.some((each) => each.status !== "failed");
}

const ALLOWED_IN: Readonly<Record<TrainingCommand, readonly string[]>> = {
  pause: ["queued", "running"],
  resume: ["paused", "failed"],
  stop: ["queued", "running", "paused", "failed"],
};

export function isAllowed(command: TrainingCommand, status: string): boolean {
  return ALLOWED_IN[command].includes(status);
}

/** One line about a model in a list. */
export function summary(model: TrainedModel): string {
  const { status, curve, epochs } = model;
  const { metric, validation, test } = figuresOf(model);
  const show = (value: number | null) =>
    metric === "perplexity" ? `perplexity ${formatQuality(value, metric)}` : formatQuality(value, metric);
  if (test !== null) return `test ${show(test)}, validation ${formatQuality(validation, metric)}`;
  if (status === "failed") return model.error ?? "";
  if (curve.length === 0) return `${plural(epochs, "epoch")} planned`;
  return `epoch ${curve.length} of ${epochs}, validation ${show(validation ?? pointAt(bestOf(model), metric))}`;
}

export interface Figures {
  readonly metric: Metric;
  readonly validation: number | null;
  readonly test: number | null;
}

/** Its quality, in the metric of its dataset. */
export function figuresOf(model: TrainedModel): Figures {
  const { metric } = model;
  if (metric === "accuracy") return { metric, validation: model.val_accuracy, test: model.test_accuracy };
  return { metric, validation: model.val_perplexity, test: model.test_perplexity };
}

type Point = TrainedModel["curve"][number];

/** An epoch's quality; perplexity is computed from the loss. */
export function pointAt(point: Point | null, metric: Metric): number | null {
  if (point === null) return null;
  return metric === "perplexity" ? Math.exp(point.val_loss) : point.val_accuracy;
}

/** The best epoch on the validation split; of equal ones the first. */
export function bestOf({ curve, metric }: Pick<TrainedModel, "curve" | "metric">): Point | null {
  const rank = (point: Point) => (metric === "perplexity" ? -point.val_loss : (point.val_accuracy ?? 0));
  return curve.reduce<Point | null>(
    (best, point) => (best === null || rank(point) > rank(best) ? point : best),
    null,
  );
}

/** The model to show among several: the best finished one, else the one with the most epochs. */
export function bestTraining(models: readonly TrainedModel[]): TrainedModel | null {
  const drawn = models.filter((model) => model.curve.length > 0);
  const ended = drawn.filter((model) => figuresOf(model).test !== null);
  const rank = (model: TrainedModel) => {
    const { metric, validation } = figuresOf(model);
    return metric === "perplexity" ? -(validation ?? Number.POSITIVE_INFINITY) : (validation ?? 0);
  };
  const [first] = [...(ended.length > 0 ? ended : drawn)].sort(
    (a, b) => rank(b) - rank(a) || b.curve.length - a.curve.length,
  );
  return first ?? null;
}
