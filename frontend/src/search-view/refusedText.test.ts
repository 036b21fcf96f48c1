import { expect, it } from "vitest";
import { describeRefused } from "./refusedText";

it("says how many draws were refused, and by what", () => {
  expect(
    describeRefused([
      { limit: "params", count: 10 },
      { limit: "macs", count: 2 },
    ]),
  ).toBe("12 draws refused: 10 over parameters, 2 over MACs");
  expect(describeRefused([{ limit: "rules", count: 1 }])).toBe(
    "1 draw refused: 1 against the rules of the search space",
  );
});

it("says nothing if none was refused", () => {
  expect(describeRefused([])).toBe("");
  expect(describeRefused([{ limit: "macs", count: 0 }])).toBe("");
});
