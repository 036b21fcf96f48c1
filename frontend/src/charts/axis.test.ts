import { describe, expect, it } from "vitest";
import { decimals, linear, niceRange, niceStep, scoreColor, ticks } from "./axis";

describe("scales", () => {
  it("map a domain onto pixels, and a flat one onto the middle", () => {
    expect(linear(0, 10, 0, 100)(2.5)).toBe(25);
    expect(linear(3, 3, 0, 100)(3)).toBe(50);
  });
  it("step in 1, 2 and 5", () => {
    expect([niceStep(10, 4), niceStep(0.08, 4), niceStep(100, 4), niceStep(0, 4)]).toEqual([5, 0.02, 50, 1]);
  });
  it("put few round ticks inside the range", () => {
    expect(ticks(0.96, 1.04, 4)).toEqual([0.96, 0.98, 1, 1.02, 1.04]);
    expect(ticks(0.1, 0.3, 2)).toEqual([0.1, 0.2, 0.3]);
  });
  it("widen a range to round numbers, also for a single value", () => {
    expect(niceRange([0.961, 1.03], 4)).toEqual([0.96, 1.04]);
    expect(niceRange([], 4)).toEqual([0, 1]);
    const [low, high] = niceRange([0.97], 4);
    expect(high).toBeGreaterThan(low);
  });
  it("show as many decimals as distinguish neighbours", () => {
    expect([decimals([0.96, 0.98]), decimals([1, 2]), decimals([0.995, 1])]).toEqual([2, 0, 3]);
  });
  it("colour scores from dark to light", () => {
    expect([scoreColor(-1), scoreColor(0.5), scoreColor(2)]).toEqual([
      "var(--score-0)",
      "var(--score-5)",
      "var(--score-9)",
    ]);
  });
});
