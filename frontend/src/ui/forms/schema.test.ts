import { describe, expect, it } from "vitest";
import {
  type ConfigField,
  changedSettings,
  errorsUnder,
  initialInputs,
  readField,
  readInputs,
} from "./schema";

const field = (over: Partial<ConfigField>): ConfigField => ({
  name: "nodes",
  type: "int",
  default: 8,
  min: 2,
  max: 16,
  choices: null,
  label: "Nodes",
  help: "",
  unit: null,
  ...over,
});

describe("a field generated from the schema", () => {
  it("starts at the default of the engine", () => {
    expect(initialInputs([field({}), field({ name: "early", type: "bool", default: true })])).toEqual({
      nodes: "8",
      early: true,
    });
  });
  it("reads what was typed as a value of its type", () => {
    expect(readField(field({}), "12")).toEqual({ value: 12 });
    expect(readField(field({ type: "float", min: 0, max: 1 }), "0,25")).toEqual({ value: 0.25 });
    expect(readField(field({ type: "choice", choices: [32, 64] }), "64")).toEqual({ value: 64 });
    expect(readField(field({ type: "bool" }), true)).toEqual({ value: true });
  });
  it("names the allowed range when a number is outside", () => {
    expect(readField(field({}), "40")).toEqual({ error: "Enter at most 16" });
    expect(readField(field({}), "-3")).toEqual({ error: "Enter at least 2" });
    expect(readField(field({}), "3.5")).toEqual({ error: "Enter a whole number from 2 to 16" });
    expect(readField(field({}), "")).toEqual({ error: "Enter a number from 2 to 16" });
  });
  it("says why its bounds are narrower than the engine's", () => {
    const edges = field({ max: 28, why: "A cell of 8 nodes has 28 edges" });
    expect(readField(edges, "119")).toEqual({ error: "Enter at most 28. A cell of 8 nodes has 28 edges" });
    const images = field({
      min: 0,
      max: 1259,
      least: 10,
      why: "There are 1,259 training images of 10 classes",
    });
    expect(readField(images, "5")).toEqual({
      error: "Enter 0, or at least 10. There are 1,259 training images of 10 classes",
    });
    expect(["0", "10", "1.2k"].map((text) => readField(images, text))).toEqual([
      { value: 0 },
      { value: 10 },
      { value: 1200 },
    ]);
  });
  it("collects all values and all errors", () => {
    const schema = [field({}), field({ name: "epochs", max: null })];
    expect(readInputs(schema, { nodes: "6", epochs: "x" })).toEqual({
      values: { nodes: 6 },
      errors: { epochs: "Enter a number, at least 2" },
    });
  });
  it("finds the settings that differ from the defaults", () => {
    expect(
      changedSettings([field({}), field({ name: "epochs", default: 3 })], { nodes: 6, epochs: 3 }),
    ).toEqual([["nodes", 6]]);
  });
});

it("finds the server's errors for one part of the body", () => {
  const errors = [
    { attr: "config.nodes", detail: "Too many." },
    { attr: "config.nodes.0", detail: "Second." },
    { attr: "name", detail: "Missing." },
    { attr: null, detail: "General." },
  ];
  expect(errorsUnder("config", errors)).toEqual({ nodes: "Too many." });
});
