import { expect, it } from "vitest";
import { paretoFront } from "./paretoFront";

const at = (id: string, x: number, y: number) => ({ id, x, y });

it("keeps the points that no other beats in both, cheapest first", () => {
  expect(paretoFront([at("a", 3, 0.8), at("b", 1, 0.7), at("c", 2, 0.6), at("d", 4, 0.8)])).toEqual([
    "b",
    "a",
  ]);
});
it("is reversed if lower is better", () => {
  const points = [at("a", 3, 90), at("b", 1, 200), at("c", 2, 210), at("d", 4, 95)];
  expect(paretoFront(points, true)).toEqual(["b", "a"]);
});
it("keeps one of two equal points, and is empty for no points", () => {
  expect(paretoFront([at("a", 1, 0.5), at("b", 1, 0.5)])).toEqual(["a"]);
  expect(paretoFront([])).toEqual([]);
});
