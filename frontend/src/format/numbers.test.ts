import { describe, expect, it } from "vitest";
import * as f from "./numbers";

const spaced = (text: string) => text.replaceAll("\u202f", " ");
const all = <T>(values: readonly T[], show: (value: T) => string) =>
  values.map((value) => spaced(show(value)));

describe("numbers as text", () => {
  it("shows counts with three significant digits, without trailing zeros", () => {
    expect(
      all(
        [0, 864, 999.6, 7_700, 250_000, 740_000, 999_950, 27_323_000, 60_000_000, 383_677_672, 1_020_000_000],
        f.formatCount,
      ),
    ).toEqual(["0", "864", "1 k", "7.7 k", "250 k", "740 k", "1 M", "27.3 M", "60 M", "384 M", "1.02 G"]);
  });
  it("shows memory and files in units of 1024 bytes", () => {
    expect(
      all([0, 512, 4_096, 65_536, 7_252 * 1024, 1_023 * 1024, 20 * 1024 ** 2, 3 * 1024 ** 3], f.formatBytes),
    ).toEqual(["0 B", "512 B", "4 KiB", "64 KiB", "7.08 MiB", "1,023 KiB", "20 MiB", "3 GiB"]);
  });
  it("shows microseconds in milliseconds", () => {
    expect(all([35, 4_210, 12_340, 384_000], f.formatLatency)).toEqual([
      "0.035 ms",
      "4.21 ms",
      "12.3 ms",
      "384 ms",
    ]);
  });
  it("keeps a number and its unit on one line", () => {
    expect(f.formatCount(7_700)).toBe("7.7\u202fk");
  });
  it("groups whole numbers, and fixes the decimals of a column", () => {
    expect([f.formatInteger(1_797), f.formatNumber(0.1), f.formatNumber(10_000_000)]).toEqual([
      "1,797",
      "0.1",
      "10,000,000",
    ]);
    expect([-4.5, 0, 1234.5].map((value) => f.formatFixed(value, 2))).toEqual(["−4.50", "0.00", "1,234.50"]);
    expect(f.formatFixed(-0.001, 2)).toBe("0.00");
  });
  it("shows percentages without a space", () => {
    expect([
      f.formatPercent(0.978),
      f.formatPercent(0.9),
      f.formatPercent(0.474, 0),
      f.formatExcess(182, 100),
    ]).toEqual(["97.8%", "90.0%", "47%", "82% over"]);
    expect(f.formatExcess(1_001, 1_000)).toBe("1% over");
  });
  it("shows quality in its metric", () => {
    expect([f.formatQuality(0.912, "accuracy"), f.formatQuality(1112.34, "perplexity")]).toEqual([
      "91.2%",
      "1,112.3",
    ]);
    expect([f.formatQualityTick(0.975, "accuracy"), f.formatQualityTick(120, "perplexity")]).toEqual([
      "97.5%",
      "120",
    ]);
  });
  it("shows proxy scores by four significant digits, and large ones as counts", () => {
    const proxy = (value: number) => spaced(f.formatQuality(value, "proxy"));
    expect([312.43, -45.2, 0.012345, 1_234.5, 9_999, 24_579_034, 0].map(proxy)).toEqual([
      "312.4",
      "−45.2",
      "0.01235",
      "1,235",
      "9,999",
      "24.58 M",
      "0",
    ]);
    expect(f.formatQuality(null, "proxy")).toBe("–");
    const tick = (value: number) => spaced(f.formatQualityTick(value, "proxy"));
    expect([312.5, -40, 24_500_000, 24_510_000].map(tick)).toEqual(["312.5", "−40", "24.5 M", "24.51 M"]);
  });
  it("shows scores of proxies as those, and others by four decimals", () => {
    const score = (value: number) => spaced(f.formatScore(value));
    expect([0.97, -4.9563, 312.43, -24_579_034].map(score)).toEqual([
      "0.9700",
      "−4.9563",
      "312.4",
      "−24.58 M",
    ]);
    expect(f.formatScoreGap(12.3456, "proxy")).toBe("12.35");
  });
  it("shows a dash for unknown values", () => {
    expect([
      f.formatCount(null),
      f.formatBytes(undefined),
      f.formatPercent(null),
      f.formatScore(null),
    ]).toEqual(["–", "–", "–", "–"]);
  });
  it("shows every change with its sign, with a minus character", () => {
    expect(all([-2_000, 0, 2_000], (value) => f.formatSigned(value, f.formatCount))).toEqual([
      "−2 k",
      "±0",
      "+2 k",
    ]);
    expect([f.formatScore(-4.9563), spaced(f.formatScoreGap(0.0123, "accuracy"))]).toEqual([
      "−4.9563",
      "1.23 pt",
    ]);
  });
  it("shows the difference of two runtimes", () => {
    expect([0, 0.0000021, null].map(f.formatDifference)).toEqual(["0", "2.1e−6", "–"]);
  });
});

describe("numbers that a person types", () => {
  it.each([
    ["1500", 1500],
    ["1,500", 1500],
    ["1 500", 1500],
    ["1\u00a0500", 1500],
    ["1\u202f500", 1500],
    ["1\u2009500", 1500],
    ["1'500", 1500],
    ["12,345,678.5", 12345678.5],
    ["12.345.678,5", 12345678.5],
    ["1.5k", 1500],
    ["1.5 k", 1500],
    ["1,5 K", 1500],
    ["1.005k", 1005],
    ["2M", 2_000_000],
    ["1 500k", 1_500_000],
    ["0.3G", 300_000_000],
    ["67000", 67_000],
    ["1e6", 1_000_000],
    ["1.5E3", 1500],
    ["1e-8", 1e-8],
    ["2.46", 2.46],
    ["2,46", 2.46],
    ["0,500", 0.5],
    ["1.500", 1.5],
    [".5", 0.5],
    ["-3", -3],
    ["−3", -3],
    [" 8 ", 8],
    ["99999999999999999999", 1e20],
  ])("reads %j as %d", (text, value) => {
    expect(f.parseNumber(text)).toBe(value);
  });
  it.each([
    "",
    "much",
    "1.2.3",
    "1,2,3",
    "12 34",
    "1 5",
    "e",
    "e3",
    "k",
    "1 KiB",
    "1e999",
    "Infinity",
    "--3",
    "3 4 k",
  ])("does not read %j", (text) => {
    expect(f.parseNumber(text)).toBeNull();
  });
  it("shows in full what the text does not", () => {
    expect(["1.5k", "1e6", "1 500", "2,46", "1.500"].map(f.inFull)).toEqual([
      "1,500",
      "1,000,000",
      "1,500",
      "2.46",
      "1.5",
    ]);
    expect(["1,500", "1500", "8", "", "many"].map(f.inFull)).toEqual([null, null, null, null, null]);
  });
  it("takes whole numbers within bounds, however they are written", () => {
    expect(["1.5k", "1,500", "1.5", "2001", "-1"].map((text) => f.parseWhole(text, 0, 2_000))).toEqual([
      1500,
      1500,
      null,
      null,
      null,
    ]);
  });
});
