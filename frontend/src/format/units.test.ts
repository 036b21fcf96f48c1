import { describe, expect, it } from "vitest";
import {
  formatCount,
  formatDuration,
  formatEdge,
  formatLatency,
  formatMemory,
  formatPercent,
  formatQuality,
  formatScore,
  formatSigned,
} from "./units";

describe("numbers as text", () => {
  it("shows counts in powers of ten", () => {
    expect([864, 999.6, 7_700, 27_323_000, 383_677_672, 1_020_000_000].map(formatCount)).toEqual([
      "864",
      "1.0 k",
      "7.7 k",
      "27.32 M",
      "384 M",
      "1.02 G",
    ]);
  });
  it("shows memory in units of 1024 bytes", () => {
    expect([512, 4_096, 65_536, 20 * 1024 * 1024].map(formatMemory)).toEqual([
      "0.5 KiB",
      "4.0 KiB",
      "64 KiB",
      "20.0 MiB",
    ]);
  });
  it("shows microseconds in milliseconds", () => {
    expect([35, 4_210, 12_340, 384_000].map(formatLatency)).toEqual([
      "0.035 ms",
      "4.21 ms",
      "12.3 ms",
      "384 ms",
    ]);
  });
  it("shows quality in its metric", () => {
    expect([formatQuality(0.912, "accuracy"), formatQuality(112.34, "perplexity")]).toEqual([
      "91.2 %",
      "112.3",
    ]);
  });
  it("shows a dash for unknown values", () => {
    expect([formatCount(null), formatMemory(undefined), formatPercent(null), formatScore(null)]).toEqual([
      "–",
      "–",
      "–",
      "–",
    ]);
  });
  it("shows every change with its sign, with a minus character", () => {
    expect([
      formatSigned(-2_000, formatCount),
      formatSigned(0, formatCount),
      formatSigned(2_000, formatCount),
    ]).toEqual(["−2.0 k", "±0", "+2.0 k"]);
  });
  it("shows durations in a suitable unit", () => {
    expect([42, 125, 3_700, 200_000].map(formatDuration)).toEqual(["42 s", "2 min", "1 h 1 min", "2 d"]);
  });
  it("writes an edge with an arrow", () => {
    expect(formatEdge("2-11")).toBe("2→11");
  });
});
