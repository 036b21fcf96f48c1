import { expect, it } from "vitest";
import type { TrainedModel } from "../../api/types";
import { bestOf, isLive, may, pictured, summary } from "./status";

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
  error: null,
  created_at: "",
  created_by: "Ada",
  files: [],
  ...over,
});

it("offers only what makes sense in a state", () => {
  const states = ["queued", "running", "paused", "stopping", "finished", "stopped", "failed"];
  expect(states.filter((state) => may("pause", state))).toEqual(["queued", "running"]);
  expect(states.filter((state) => may("resume", state))).toEqual(["paused", "failed"]);
  expect(states.filter((state) => may("stop", state))).toEqual(["queued", "running", "paused", "failed"]);
});
it("says where a training stands in one line", () => {
  expect(summary(model({}))).toBe("30 epochs asked");
  expect(summary(model({ curve: [point(1, 0.5), point(2, 0.61)] }))).toBe("epoch 2 of 30, validation 61.0 %");
  expect(summary(model({ status: "finished", val_accuracy: 0.8, test_accuracy: 0.79 }))).toBe(
    "test 79.0 %, validation 80.0 %",
  );
  expect(summary(model({ status: "failed", error: "out of memory" }))).toBe("out of memory");
});
it("keeps the first of equal epochs as the best", () => {
  expect(bestOf(model({ curve: [point(1, 0.5), point(2, 0.6), point(3, 0.6)] }))?.epoch).toBe(2);
  expect(bestOf(model({}))).toBeNull();
});
it("stays live until the exported file is there", () => {
  const file = { format: "safetensors" as const, name: "", bytes: 1, sha256: "", check: null };
  expect(isLive(model({ status: "finished", files: [file] }))).toBe(true);
  expect(isLive(model({ status: "finished", files: [file, { ...file, format: "onnx" }] }))).toBe(false);
  expect(isLive(model({ status: "failed" }))).toBe(false);
});
it("pictures the best that ended, else the one furthest on", () => {
  const running = model({ id: "r", curve: [point(1, 0.9)], val_accuracy: 0.9 });
  const ended = model({ id: "e", curve: [point(1, 0.8)], val_accuracy: 0.8, test_accuracy: 0.79 });
  expect(pictured([running, ended])?.id).toBe("e");
  expect(pictured([running])?.id).toBe("r");
  expect(pictured([model({})])).toBeNull();
});
