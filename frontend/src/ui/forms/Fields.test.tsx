import { cleanup, fireEvent, render, screen } from "@testing-library/react";
import { afterEach, expect, it } from "vitest";
import { Fields } from "./Fields";
import { type ConfigField, type Inputs, initialInputs } from "./schema";

const field = (name: string, group: string | null): ConfigField => ({
  name,
  type: "int",
  default: 4,
  min: 1,
  max: 9,
  choices: null,
  label: name,
  help: "",
  unit: null,
  group,
});
const schema = [field("epochs", null), field("warmup", "Steps"), field("decay", "Steps")];
const shown = (inputs: Inputs, errors = {}) => (
  <Fields schema={schema} inputs={inputs} errors={errors} prefix="p" onChange={() => undefined} />
);
const folded = () => document.querySelector("details")?.open === false;

afterEach(cleanup);

it("folds a group, and shows how many settings it has and how many were changed", () => {
  render(shown({ ...initialInputs(schema), decay: "5" }));
  expect(screen.getByText("2 settings, 1 changed")).toBeTruthy();
  expect(folded()).toBe(true);
});

it("unfolds a group with an error, and keeps it open once the error is fixed", () => {
  const { rerender } = render(shown(initialInputs(schema), { warmup: "A number is needed" }));
  const details = document.querySelector("details");
  if (!details) throw new Error("no group");
  expect(folded()).toBe(false);
  fireEvent(details, new Event("toggle"));
  rerender(shown(initialInputs(schema)));
  expect(folded()).toBe(false);
});
