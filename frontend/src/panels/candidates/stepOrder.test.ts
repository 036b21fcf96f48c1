import { expect, it } from "vitest";
import { compareSteps } from "./stepOrder";

it("steps that fit come first, whatever the size of a score", () => {
  const steps = [
    { fits: false, score: 24_579_034 },
    { fits: true, score: 0.5 },
    { fits: true, score: 3_120 },
    { fits: false, score: -2 },
  ];
  expect(steps.sort(compareSteps).map(({ score }) => score)).toEqual([3_120, 0.5, 24_579_034, -2]);
});
