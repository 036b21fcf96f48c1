import { expect, it } from "vitest";
import { drawsSince } from "../live/draws";
import { describeDraws, describeRefused } from "./refusedText";

it("says how many draws of a step were refused, and by what", () => {
  expect(
    describeRefused([
      { limit: "params", count: 10 },
      { limit: "macs", count: 2 },
    ]),
  ).toBe("12 draws refused: 10 over the parameters limit, 2 over the MACs limit");
  expect(describeRefused([{ limit: "rules", count: 1 }])).toBe(
    "1 draw refused: 1 against the rules of the space or repeated",
  );
});

it("says nothing if none was refused", () => {
  expect(describeRefused([])).toBe("");
  expect(describeRefused([{ limit: "macs", count: 0 }])).toBe("");
  expect(describeDraws({ ...drawsSince(0), step: { count: 64, refused: [] } })).toBe("");
});

it("counts the draws of all steps, the open one included, and says from which step on they are known", () => {
  const draws = {
    since: 0,
    before: { count: 1_400, refused: [{ limit: "macs" as const, count: 380 }] },
    step: {
      count: 110,
      refused: [
        { limit: "rules" as const, count: 22 },
        { limit: "macs" as const, count: 10 },
      ],
    },
  };
  const text =
    "412 of 1,510 draws refused: 390 over the MACs limit, 22 against the rules of the space or repeated";
  expect(describeDraws(draws)).toBe(text);
  expect(describeDraws({ ...draws, since: 50 })).toBe(`From step 51 on, ${text}`);
});
