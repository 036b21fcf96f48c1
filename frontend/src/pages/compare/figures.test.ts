import { expect, it } from "vitest";
import type { Measurement } from "../../api/types";
import { architecture } from "../../testing/architecture";
import { costRows, latencyRows, qualityRows } from "./figures";
import { networkDiff } from "./network";

const names = { strategy: (key: string) => key, dataset: (key: string) => key };
const cost = (params: number, macs: number, optimal: number | null, live = 9_000) => ({
  ...architecture().cost,
  params,
  macs,
  peak_memory: { io: 1, live, optimal, exact: true },
});
const result = (over: object) => ({
  model: "m",
  dataset: "digits",
  val_accuracy: null,
  test_accuracy: null,
  val_perplexity: null,
  test_perplexity: null,
  ...over,
});

it("gives the difference of each cost in its unit and in percent, and says which one is lower", () => {
  const rows = costRows(
    architecture({ cost: cost(1_000, 40_000, 2_048) }),
    architecture({ cost: cost(1_500, 30_000, 2_048) }),
  );
  expect(rows.map(({ difference, better }) => [difference, better])).toEqual([
    ["+500 (+50.0%)", "A, lower"],
    ["−10\u202fk (−25.0%)", "B, lower"],
    ["±0\u202fB (±0.0%)", "Equal"],
  ]);
  expect(rows[2]?.note).toBe("with float32 activations");
});

it("compares memory in one precision, in the order in which networks run", () => {
  const [, , memory] = costRows(
    architecture({ cost: cost(1, 1, 4_096) }),
    architecture({ cost: cost(1, 1, null, 1_024), bytes_per_element: 1 }),
  );
  expect([memory?.a.value, memory?.b.value, memory?.b.note]).toEqual([4_096, 4_096, "1\u202fKiB as int8"]);
  expect([memory?.note, memory?.better]).toEqual(["with float32 activations", "Equal"]);
  const int8 = architecture({ cost: cost(1, 1, 1_024), bytes_per_element: 1 });
  const [, , both] = costRows(int8, int8);
  expect([both?.a.value, both?.a.note, both?.note]).toEqual([1_024, undefined, "with int8 activations"]);
});

const measured = (median: number, at: string, over: Partial<Measurement> = {}, threads = 1): Measurement => ({
  id: at,
  device: { id: "d", name: "Desk" },
  status: "done",
  latency: { median, low: 1, high: 9, repeats: 3, warmup: 1, device: "Cortex", threads, runtime: "onnx" },
  error: null,
  created_at: at,
  created_by: "Ada",
  ...over,
});

it("compares latencies of one device and one way of running, the newest of each", () => {
  const rows = latencyRows(
    [
      measured(3_000, "2026-01-02"),
      measured(9_000, "2026-01-01"),
      measured(5, "2026-01-03", { latency: null }),
    ],
    [measured(1_500, "2026-01-01"), measured(700, "2026-01-01", {}, 4)],
  );
  expect(rows.map(({ a, b, difference, better }) => [a.text, b.text, difference, better])).toEqual([
    ["3\u202fms", "1.5\u202fms", "−1.5\u202fms (−50.0%)", "B, lower"],
    ["not measured", "0.7\u202fms", "", "Not known of A"],
  ]);
  expect(rows[1]?.note).toBe("Cortex, 4 threads, onnx");
  expect(latencyRows([], [measured(1, "x", { latency: null })])).toEqual([]);
});

it("never compares a search's figure with that of a full training", () => {
  const rows = qualityRows(
    architecture({ val_accuracy: 0.8, best_trained: result({ test_accuracy: 0.95 }) }),
    architecture({ val_accuracy: 0.78 }),
    names,
  );
  expect(rows.map(({ title, difference, better }) => [title, difference, better])).toEqual([
    ["Validation accuracy", "−2.00\u202fpt", "A, higher"],
    ["Test accuracy", "", "Not known of B"],
  ]);
});

it("compares no accuracies after other trainings", () => {
  const [row] = qualityRows(
    architecture({ measurement: "2 epochs" }),
    architecture({ measurement: "40" }),
    names,
  );
  expect([row?.difference, row?.better]).toEqual(["", "Not comparable: trained differently"]);
});

it("compares no accuracies of other datasets, and no accuracy with a perplexity", () => {
  const [other] = qualityRows(architecture(), architecture({ dataset: "cifar10" }), names);
  expect([other?.difference, other?.better]).toEqual(["", "Not comparable: on other datasets"]);
  const words = architecture({
    metric: "perplexity",
    val_accuracy: null,
    val_perplexity: 120,
    dataset: "docs",
  });
  const [mixed] = qualityRows(architecture(), words, names);
  expect([mixed?.title, mixed?.a.note, mixed?.b.note]).toEqual([
    "Validation quality",
    "accuracy, digits",
    "perplexity, docs",
  ]);
  expect(mixed?.better).toBe("Not comparable: one is an accuracy, one a perplexity");
});

it("knows that a lower perplexity is better", () => {
  const words = (value: number) =>
    architecture({ metric: "perplexity", val_accuracy: null, val_perplexity: value });
  expect(qualityRows(words(100), words(110), names)).toMatchObject([
    { difference: "+10.0 (+10.0%)", better: "A, lower" },
  ]);
});

it("keeps published figures apart from measured ones", () => {
  const published = architecture({
    kind: "published",
    val_accuracy: null,
    published_accuracy: 0.74,
    dataset: null,
  });
  const rows = qualityRows(published, architecture(), names);
  expect(rows.map(({ title, better }) => [title, better])).toEqual([
    ["Validation accuracy", "Not known of A"],
    ["Published accuracy", "Not known of B"],
  ]);
});

it("lists the settings of the network that differ", () => {
  const macro = {
    kind: "image",
    input: [3, 32, 32],
    classes: 10,
    stem_filters: 32,
    stem_stride: 1,
    stages: [{ filters: 16, cells: 1, stride: 1 }],
    head_filters: null,
    activation: "relu",
  } as const;
  const one = { ...macro, input: [3, 32, 32] as [number, number, number], stages: [...macro.stages] };
  const wide = { ...one, stages: [{ filters: 24, cells: 1, stride: 1 }], head_filters: 1_280 };
  expect(networkDiff(one, one)).toEqual([]);
  expect(networkDiff(one, wide)).toEqual([
    { title: "Channels per node", a: "16", b: "24" },
    { title: "Head", a: "none", b: "1,280 channels" },
  ]);
  const text = { kind: "text", vocabulary: 2_000, hidden: 32 } as const;
  expect(networkDiff(text, one)[0]).toEqual({ title: "Vocabulary", a: "2,000", b: "none" });
});
