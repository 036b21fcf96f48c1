import { expect, it } from "vitest";
import type { ConfigField } from "../../ui/forms/schema";
import { commandOf, explainNoCommand } from "./command";

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

it("is the command of the same search, without defaults", () => {
  const text = commandOf(
    {
      name: "Digits, 6 nodes!",
      strategy: "autoshrink",
      dataset: "digits",
      budget: { params: 60_000, macs: null, peak_memory: 98_304, bytes_per_element: 1 },
      seed: 7,
      config: { nodes: 6, test_cuts: 10 },
    },
    [field("nodes", 8), field("test_cuts", 10)],
  );
  expect(text).toBe(
    [
      "python -m search run --dataset digits",
      "--strategy autoshrink",
      "--nodes 6",
      "--budget params=60000",
      "--budget peak_memory=98304",
      "--budget bytes_per_element=1",
      "--seed 7 --out runs/digits-6-nodes",
    ].join(" \\\n  "),
  );
});

it("quotes what a shell would split", () => {
  const text = commandOf(
    {
      strategy: "autoshrink",
      dataset: "my data's",
      budget: { params: null, macs: null, peak_memory: null, bytes_per_element: 4 },
      seed: 0,
      config: {},
    },
    [],
  );
  expect(text).toContain(`--dataset 'my data'\\''s'`);
  expect(text).toContain("--out runs/search");
});

it("includes a latency limit, but not one that another device measures", () => {
  const budget = { latency: 2_500, device: null };
  const request = { strategy: "autoshrink", dataset: "digits", budget, seed: 0, config: {} };
  expect(commandOf(request, [])).toContain("--budget latency=2500");
  expect(explainNoCommand(request, false)).toBeNull();
  expect(explainNoCommand({ budget: { ...budget, device: "d1" } }, false)).toMatch(
    /on the machine that runs/,
  );
  expect(explainNoCommand(request, true)).toMatch(/built-in datasets/);
});
