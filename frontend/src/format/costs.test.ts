import { describe, expect, it } from "vitest";
import * as f from "./costs";

const [params, macs, memory, latency] = f.LIMITS as [
  f.CostDefinition<f.LimitKey>,
  f.CostDefinition<f.LimitKey>,
  f.CostDefinition<f.LimitKey>,
  f.CostDefinition<f.LimitKey>,
];
const read = (words: f.CostDefinition<f.LimitKey>, text: string, most?: number) => {
  const reading = f.readLimit(words, text, most);
  return "limit" in reading ? reading.limit : reading.error;
};

describe("limits in fields", () => {
  it("picks the largest unit that gives at least 1", () => {
    expect(f.unitFor(macs, 27_323_000).sign).toBe("M");
    expect(f.unitFor(macs, 870_000).sign).toBe("k");
    expect(f.unitFor(memory, 900).sign).toBe("B");
  });

  it.each([
    [params, "1,500", 1_500],
    [params, "1 500", 1_500],
    [params, "1.5k", 1_500],
    [params, "1.500 k", 1_500],
    [params, "67000", 67_000],
    [params, "67 k", 67_000],
    [params, "1e6", 1_000_000],
    [params, "", null],
    [macs, "2M", 2_000_000],
    [macs, "2,46 M", 2_460_000],
    [macs, "0.3 g", 300_000_000],
    [memory, "327680", 327_680],
    [memory, "320 KiB", 327_680],
    [memory, "320kib", 327_680],
    [memory, "320 kB", 320_000],
    [memory, "320k", 320_000],
    [memory, "1.5 MiB", 1_572_864],
    [latency, "2.5", 2_500],
    [latency, "2,5 ms", 2_500],
    [latency, "1k", 1_000_000],
    [latency, "350 µs", 350],
    [latency, "0.2 s", 200_000],
  ])("$0.name: $1 is $2", (words, text, limit) => {
    expect(read(words, text)).toBe(limit);
  });

  it.each([
    [params, "few", "Enter a number, such as 67 k, or leave the field empty for no limit"],
    [macs, "9 kg", "Enter a number, such as 2 M, or leave the field empty for no limit"],
    [memory, "few", "Enter a number, such as 96 KiB, or leave the field empty for no limit"],
    [params, "-3", "Enter at least 1, or leave the field empty for no limit"],
    [params, "0", "Enter at least 1, or leave the field empty for no limit"],
    [params, "1.500", "This is 1.5 parameters. Add k or M, or enter a whole number"],
    [memory, "1.5", "This is 1.5 bytes. Add KiB or MiB, or enter a whole number"],
    [latency, "0.0001", "Enter at least 0.001\u202fms, or leave the field empty for no limit"],
    [params, "2G", "Enter at most 1\u202fG, or leave the field empty for no limit"],
  ])("$0.name: $1 is refused", (words, text, error) => {
    expect(read(words, text, 1e9)).toBe(error);
  });

  it("shows a text that reads back as the same limit", () => {
    const cases: [f.CostDefinition<f.LimitKey>, number, string][] = [
      [params, 864, "864"],
      [params, 67_000, "67 k"],
      [params, 67_123, "67,123"],
      [macs, 2_460_000, "2.46 M"],
      [macs, 1_234_567_890, "1,234,567,890"],
      [memory, 98_304, "96 KiB"],
      [memory, 250_000, "250,000 B"],
      [latency, 2_500, "2.5 ms"],
      [latency, 12_345_678, "12,345.678 ms"],
    ];
    expect(cases.map(([words, limit]) => f.limitText(words, limit))).toEqual(cases.map(([, , text]) => text));
    expect(cases.map(([words, , text]) => read(words, text))).toEqual(cases.map(([, limit]) => limit));
  });

  it("says a limit in full", () => {
    expect(f.limitInFull(params, 67_000)).toBe("67,000 parameters");
    expect(f.limitInFull(memory, 98_304)).toBe("98,304 bytes");
    expect(f.limitInFull(latency, 2_500)).toBe("2.5 ms");
  });
});
