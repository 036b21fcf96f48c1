import { describe, expect, it } from "vitest";
import { limitsAt, placeOf, roundLimit, shareToRemove, stepLimit, valueAt, verdictOf } from "./budget";

const k = { sign: "k", one: 1e3 };
const range = { smallest: 7_700, largest: 151_200 };
const cost = (params: number) => ({ params, macs: params * 180, peak_memory: { live: params } });

describe("a limit", () => {
  it("has a position on the bar between zero and slightly beyond the largest graph", () => {
    expect(placeOf(null, range)).toBe(1);
    expect(placeOf(range.largest, range)).toBeCloseTo(1 / 1.12);
    expect(valueAt(placeOf(80_000, range), range, k)).toBe(80_000);
    expect(valueAt(1, range, k)).toBeNull();
  });
  it("is rounded as a user would type it, and never to zero", () => {
    expect(roundLimit(79_842, k)).toBe(80_000);
    expect(roundLimit(7_712, k, true)).toBe(7_800);
    expect(roundLimit(1, k)).toBe(1);
  });
  it("is impossible below the smallest graph and without effect above the largest one", () => {
    expect([null, 7_699, 7_700, 151_199, 151_200].map((limit) => verdictOf(limit, range))).toEqual([
      "none",
      "impossible",
      "must-go",
      "must-go",
      "roomy",
    ]);
  });
  it("gives the share that must be removed", () => {
    expect(Math.round(shareToRemove(80_000, range) * 100)).toBe(47);
    expect(shareToRemove(null, range)).toBe(0);
    expect(shareToRemove(200_000, range)).toBe(0);
  });
  it("moves by keyboard, and is removed beyond the end", () => {
    expect(stepLimit(80_000, range, "ArrowUp", k)).toBe(82_000);
    expect(stepLimit(80_000, range, "PageDown", k)).toBe(65_000);
    expect(stepLimit(168_000, range, "PageUp", k)).toBeNull();
    expect(stepLimit(80_000, range, "a", k)).toBeUndefined();
  });
  it("is never impossible when it is proposed", () => {
    const preview = { smallest: cost(7_701), largest: cost(151_234) };
    for (const share of [0, 0.1, 0.5, 1]) {
      const limits = limitsAt(share, preview);
      expect(limits.params).toBeGreaterThanOrEqual(7_701);
      expect(verdictOf(limits.params, { smallest: 7_701, largest: 151_234 })).not.toBe("impossible");
    }
  });
});
