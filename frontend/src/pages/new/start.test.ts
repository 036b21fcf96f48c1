import { expect, it } from "vitest";
import type { Dataset, Engine } from "../../api/types";
import { initialForm } from "./formValues";
import { readForm } from "./start";

const engine = { strategies: [{ name: "autoshrink" }] } as unknown as Engine;
const datasets = [{ name: "digits" }] as unknown as Dataset[];
const initial = initialForm(engine, datasets, null);

it("reads a form back as it was stored, what cannot be read of it included", () => {
  const form = {
    ...initial,
    name: "Mine",
    plan: "own" as const,
    own: { ...initial.own, params: 30_000 },
    typing: { macs: "plenty" },
    settings: { ...initial.settings, space: { cnn: { nodes: "many" } } },
  };
  expect(readForm(JSON.parse(JSON.stringify(form)), initial)).toEqual(form);
});

it.each([null, 7, "text", [], {}])("takes %j for an empty form", (stored) => {
  expect(readForm(stored, initial)).toEqual(initial);
});

it("leaves out what is of another type", () => {
  const stored = {
    seed: 7,
    plan: "huge",
    own: { params: "many", macs: 5 },
    typing: { params: 3 },
    settings: { space: { cnn: { nodes: 8, x: "y" } }, strategy: "all" },
  };
  expect(readForm(stored, initial)).toEqual({
    ...initial,
    own: { ...initial.own, macs: 5 },
    settings: { ...initial.settings, space: { cnn: { x: "y" } } },
  });
});
