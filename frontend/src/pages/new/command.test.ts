import { expect, it } from "vitest";
import type { ConfigField } from "../../ui/forms/schema";
import { commandOf, explainNoCommand } from "./command";
import type { FactorSettings, Factors } from "./factors";

const field = (name: string, value: number): ConfigField => ({
  name,
  type: "int",
  default: value,
  min: null,
  max: null,
  choices: null,
  label: name,
  help: "",
  unit: null,
});

const factor = (choice: string, ...schema: ConfigField[]): FactorSettings => ({
  choice,
  schema,
  values: {},
  fixed: [],
});
const factors: Pick<Factors, "defaults" | "settings"> = {
  defaults: { space: "cnn", evaluator: "train" },
  settings: {
    space: factor("cnn", field("nodes", 8)),
    strategy: factor("autoshrink", field("candidates", 10)),
    evaluator: factor("train", field("epochs", 3)),
    objective: factor("", field("cost_weight", 0.1)),
    answer: factor("", field("finalists", 3)),
  },
};
const budget = { params: null, macs: null, peak_memory: null, bytes_per_element: 4 };

it("is the command of the same search, without defaults", () => {
  const text = commandOf(
    {
      name: "Digits, 6 nodes!",
      strategy: "autoshrink",
      dataset: "digits",
      space: "cnn",
      evaluator: "train",
      budget: { params: 60_000, macs: null, peak_memory: 98_304, bytes_per_element: 1 },
      seed: 7,
      settings: {
        space: { nodes: 6 },
        strategy: { candidates: 10 },
        evaluator: { epochs: 3 },
        objective: { cost_weight: 0.1 },
      },
    },
    factors,
  );
  expect(text).toBe(
    [
      "python -m search run --dataset digits",
      "--strategy autoshrink",
      "--space.nodes 6",
      "--budget params=60000",
      "--budget peak_memory=98304",
      "--budget bytes_per_element=1",
      "--seed 7 --out runs/digits-6-nodes",
    ].join(" \\\n  "),
  );
});

it("names each factor's choice and settings where they are not the defaults", () => {
  const text = commandOf(
    {
      strategy: "random",
      dataset: "digits",
      space: "mlp",
      evaluator: "inherit",
      budget,
      seed: 0,
      settings: {
        space: { nodes: 6 },
        strategy: { candidates: 8 },
        evaluator: { epochs: 2 },
        objective: { cost_weight: 0.2 },
      },
    },
    factors,
  );
  expect(text.split(" \\\n  ")).toEqual([
    "python -m search run --dataset digits",
    "--strategy random",
    "--space mlp",
    "--evaluator inherit",
    "--space.nodes 6",
    "--strategy.candidates 8",
    "--evaluator.epochs 2",
    "--objective.cost-weight 0.2",
    "--seed 0 --out runs/search",
  ]);
});

it("quotes what a shell would split", () => {
  const text = commandOf(
    { strategy: "autoshrink", dataset: "my data's", budget, seed: 0, settings: {} },
    factors,
  );
  expect(text).toContain(`--dataset 'my data'\\''s'`);
  expect(text).toContain("--out runs/search");
});

it("includes a latency limit, but not one that another device measures", () => {
  const timed = { latency: 2_500, device: null, bytes_per_element: 4 };
  const request = { strategy: "autoshrink", dataset: "digits", budget: timed, seed: 0, settings: {} };
  expect(commandOf(request, factors)).toContain("--budget latency=2500");
  expect(explainNoCommand(request)).toBeNull();
  expect(explainNoCommand({ budget: { ...timed, device: "d1" } })).toMatch(/on the machine that runs/);
  expect(commandOf(request, factors, true)).toContain("--dataset YOUR-FILE ");
});
