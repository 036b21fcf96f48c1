// The states of a training in words, and what may be asked of it in each.
import type { TrainedModel } from "../../api/types";
import { percent } from "../../units";

export type ModelCommand = "pause" | "resume" | "stop";

const WORDS: Readonly<Record<string, string>> = {
  queued: "Waiting for a worker",
  running: "Training",
  paused: "Paused",
  stopping: "Stopping at the best epoch",
  finished: "Finished",
  stopped: "Stopped, best epoch kept",
  failed: "Failed",
};

export function statusWord(status: string): string {
  return WORDS[status] ?? status;
}

/** Something may still change without a person asking for it. */
export function isLive({ status, files }: Pick<TrainedModel, "status" | "files">): boolean {
  const ended: string[] = ["finished", "stopped"];
  if (ended.includes(status)) return files.length > 0 && !files.some((file) => file.format === "onnx");
  return (["queued", "running", "stopping"] as string[]).includes(status);
}

const MAY: Readonly<Record<ModelCommand, readonly string[]>> = {
  pause: ["queued", "running"],
  resume: ["paused", "failed"],
  stop: ["queued", "running", "paused", "failed"],
};

export function may(command: ModelCommand, status: string): boolean {
  return MAY[command].includes(status);
}

/** The one line of a model in a list. */
export function summary(model: TrainedModel): string {
  const { status, curve, epochs, val_accuracy, test_accuracy } = model;
  if (test_accuracy !== null) return `test ${percent(test_accuracy)}, validation ${percent(val_accuracy)}`;
  if (status === "failed") return model.error ?? "";
  if (curve.length === 0) return `${epochs} epochs asked`;
  return `epoch ${curve.length} of ${epochs}, validation ${percent(val_accuracy ?? bestOf(model)?.val_accuracy)}`;
}

/** The epoch with the highest validation accuracy; of equal ones the first. */
export function bestOf({ curve }: Pick<TrainedModel, "curve">): TrainedModel["curve"][number] | null {
  return curve.reduce<TrainedModel["curve"][number] | null>(
    (best, point) => (best === null || point.val_accuracy > best.val_accuracy ? point : best),
    null,
  );
}

/** The training worth a picture among several: the best one that ended, else the one furthest on. */
export function pictured(models: readonly TrainedModel[]): TrainedModel | null {
  const drawn = models.filter((model) => model.curve.length > 0);
  const ended = drawn.filter((model) => model.test_accuracy !== null);
  const [first] = [...(ended.length > 0 ? ended : drawn)].sort(
    (a, b) => (b.val_accuracy ?? 0) - (a.val_accuracy ?? 0) || b.curve.length - a.curve.length,
  );
  return first ?? null;
}
