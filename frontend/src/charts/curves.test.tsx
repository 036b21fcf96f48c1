import { expect, it } from "vitest";
import { clampLevels, spreadLevels } from "./Curves";

it("moves labels apart without changing their order", () => {
  expect(spreadLevels([100, 50])).toEqual([100, 50]);
  expect(spreadLevels([100, 104, 98])).toEqual([113, 128, 98]);
});

it("keeps labels away from the top and bottom edges", () => {
  expect(clampLevels([100, 115], 20, 206)).toEqual([100, 115]);
  expect(clampLevels([195, 210], 20, 206)).toEqual([191, 206]);
  expect(clampLevels([10], 20, 206)).toEqual([20]);
});
