import { expect, it } from "vitest";
import type { TrainedModel } from "../../api/types";
import { bestOf, bestTraining, isAllowed, isLive, summary } from "./trainingStatus";

const point = (epoch: number, val_accuracy: number) => ({ epoch, train_loss: 1, val_loss: 1, val_accuracy });
const model = (over: Partial<TrainedModel>): TrainedModel => ({
  id: "m",
  architecture: "a",
  dataset: "digits",
  seed: 0,
  recipe: {},
  status: "running",
  curve: [],
  epochs: 30,
  best_epoch: null,
  val_accuracy: null,
  test_accuracy: null,
  metric: "accuracy",
  val_perplexity: null,
  test_perplexity: null,
  error: null,
  created_at: "",
  owner: { id: "1", name: "Ada" },
  tags: [],
  archived: false,
  name: "Digits, seed 3",
  notes: "",
  files: [],
  exports: [],
  left: null,
  running_on: null,
  ...over,
});

it("allows only commands that make sense in a state", () => {
  const states = ["queued", "running", "paused", "stopping", "finished", "stopped", "failed"];
  expect(states.filter((state) => isAllowed("pause", state))).toEqual(["queued", "running"]);
  expect(states.filter((state) => isAllowed("resume", state))).toEqual(["paused", "failed"]);
  expect(states.filter((state) => isAllowed("stop", state))).toEqual([
    "queued",
    "running",
    "paused",
    "failed",
  ]);
});
it("summarises a training in one line", () => {
  expect(summary(model({}))).toBe("30 epochs planned");
  expect(summary(model({ curve: [point(1, 0.5), point(2, 0.61)] }))).toBe("epoch 2 of 30, validation 61.0%");
  expect(summary(model({ status: "finished", val_accuracy: 0.8, test_accuracy: 0.79 }))).toBe(
    "test 79.0%, validation 80.0%",
  );
  expect(summary(model({ status: "failed", error: "out of memory" }))).toBe("out of memory");
});
it("reads a language model by its perplexity, where lower is better", () => {
  const text = { metric: "perplexity" as const, val_accuracy: null, test_accuracy: null };
  const loss = (epoch: number, val_loss: number) => ({ ...point(epoch, 0), val_loss });
  const running = model({ ...text, curve: [loss(1, 6), loss(2, 5), loss(3, 5.5)] });
  expect(bestOf(running)?.epoch).toBe(2);
  expect(summary(running)).toBe("epoch 3 of 30, validation perplexity 148.4");
  expect(summary(model({ ...text, status: "finished", val_perplexity: 150, test_perplexity: 160.2 }))).toBe(
    "test perplexity 160.2, validation 150.0",
  );
  const better = model({ ...text, id: "b", curve: [loss(1, 6)], val_perplexity: 90, test_perplexity: 95 });
  const worse = { ...better, id: "w", val_perplexity: 120 };
  expect(bestTraining([worse, better])?.id).toBe("b");
});
it("keeps the first of equal epochs as the best", () => {
  expect(bestOf(model({ curve: [point(1, 0.5), point(2, 0.6), point(3, 0.6)] }))?.epoch).toBe(2);
  expect(bestOf(model({}))).toBeNull();
});
it("stays live until the exports have ended", () => {
  const pending = { format: "onnx" as const, status: "queued" as const, error: null };
  expect(isLive(model({ status: "finished", exports: [pending] }))).toBe(true);
  expect(isLive(model({ status: "finished", exports: [{ ...pending, status: "failed" }] }))).toBe(false);
  expect(isLive(model({ status: "finished" }))).toBe(false);
  expect(isLive(model({ status: "failed" }))).toBe(false);
});
it("shows the best finished training, else the one with the most epochs", () => {
  const running = model({ id: "r", curve: [point(1, 0.9)], val_accuracy: 0.9 });
  const ended = model({ id: "e", curve: [point(1, 0.8)], val_accuracy: 0.8, test_accuracy: 0.79 });
  expect(bestTraining([running, ended])?.id).toBe("e");
  expect(bestTraining([running])?.id).toBe("r");
  expect(bestTraining([model({})])).toBeNull();
});
