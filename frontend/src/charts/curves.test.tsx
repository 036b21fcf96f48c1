import { expect, it } from "vitest";
import { apart, within } from "./Curves";

it("moves names apart without changing their order", () => {
  expect(apart([100, 50])).toEqual([100, 50]);
  expect(apart([100, 104, 98])).toEqual([113, 128, 98]);
});

it("keeps names off the top edge and off the line at the foot", () => {
  expect(within([100, 115], 20, 206)).toEqual([100, 115]);
  expect(within([195, 210], 20, 206)).toEqual([191, 206]);
  expect(within([10], 20, 206)).toEqual([20]);
});
