import { expect, it } from "vitest";
import { apart } from "./Curves";

it("moves names apart without changing their order", () => {
  expect(apart([100, 50])).toEqual([100, 50]);
  expect(apart([100, 104, 98])).toEqual([113, 128, 98]);
});
