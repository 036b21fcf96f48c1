import { describe, expect, it } from "vitest";
import { count, duration, edgeName, kib, ms, percent, quality, score, signed } from "./units";

describe("numbers in words", () => {
  it("says counts in powers of ten", () => {
    expect([864, 999.6, 7_700, 27_323_000, 383_677_672, 1_020_000_000].map(count)).toEqual([
      "864",
      "1.0 k",
      "7.7 k",
      "27.32 M",
      "384 M",
      "1.02 G",
    ]);
  });
  it("says memory in units of 1024 bytes", () => {
    expect([512, 4_096, 65_536, 20 * 1024 * 1024].map(kib)).toEqual([
      "0.5 KiB",
      "4.0 KiB",
      "64 KiB",
      "20.0 MiB",
    ]);
  });
  it("says microseconds in milliseconds", () => {
    expect([35, 4_210, 12_340, 384_000].map(ms)).toEqual(["0.035 ms", "4.21 ms", "12.3 ms", "384 ms"]);
  });
  it("says what a search judges by", () => {
    expect([quality(0.912, "accuracy"), quality(112.34, "perplexity")]).toEqual(["91.2 %", "112.3"]);
  });
  it("shows a dash where nothing is known", () => {
    expect([count(null), kib(undefined), percent(null), score(null)]).toEqual(["–", "–", "–", "–"]);
  });
  it("signs every change, with a real minus", () => {
    expect([signed(-2_000, count), signed(0, count), signed(2_000, count)]).toEqual([
      "−2.0 k",
      "±0",
      "+2.0 k",
    ]);
  });
  it("counts time in the unit that fits", () => {
    expect([42, 125, 3_700, 200_000].map(duration)).toEqual(["42 s", "2 min", "1 h 1 min", "2 d"]);
  });
  it("writes an edge with an arrow", () => {
    expect(edgeName("2-11")).toBe("2→11");
  });
});
