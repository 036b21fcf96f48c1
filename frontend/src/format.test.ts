import { describe, expect, it } from "vitest";
import * as f from "./format";

const macs = f.COSTS[1] as f.CostWords;
const memory = f.COSTS[2] as f.CostWords;

describe("count", () => {
  it("uses powers of ten and never prints a thousand of the smaller unit", () => {
    expect(
      [0, 864, 999.6, 7_700, 151_226, 999_949, 999_950, 27_323_000, 383_677_672, 1.02e9].map(f.count),
    ).toEqual(["0", "864", "1.0 k", "7.7 k", "151.2 k", "999.9 k", "1.00 M", "27.32 M", "384 M", "1.02 G"]);
  });
  it("says a dash for what is missing, never a zero", () => {
    expect([null, undefined, Number.NaN].map(f.count)).toEqual(["–", "–", "–"]);
  });
});

describe("memory and files", () => {
  it("counts memory in 1024 and files in 1000", () => {
    expect(f.kib(64 * 1024)).toBe("64 KiB");
    expect(f.kib(1536)).toBe("1.5 KiB");
    expect(f.kib(20 * 1024 * 1024)).toBe("20.0 MiB");
    expect(f.fileSize(217_400)).toBe("217 kB");
    expect(f.fileSize(640)).toBe("640 B");
    expect(f.fileSize(14_400_000)).toBe("14.4 MB");
  });
});

describe("small words", () => {
  it("says shares, times and differences", () => {
    expect(f.percent(0.9712)).toBe("97.1 %");
    expect(f.percent(0.47, 0)).toBe("47 %");
    expect(f.ms(15.62)).toBe("15.6 ms");
    expect(f.signed(-1500, f.count)).toBe("−1.5 k");
    expect(f.signed(0, f.count)).toBe("±0");
    expect(f.score(-0.0963)).toBe("−0.0963");
    expect([0, 0.0000021, null].map(f.tiny)).toEqual(["0", "2.1e−6", "–"]);
    expect(f.edgeName("2-6")).toBe("2→6");
  });
  it("groups long numbers and counts things", () => {
    expect(f.grouped(3_636_301)).toBe("3\u202f636\u202f301");
    expect(f.plural(1, "edge")).toBe("1 edge");
    expect(f.plural(28, "edge")).toBe("28 edges");
    expect(f.listed(["a", "b", "c"])).toBe("a, b and c");
  });
  it("shortens a checksum and leaves a short one alone", () => {
    expect(f.checksum("9f3c71a0".padEnd(60, "0") + "e2d4")).toBe("9f3c 71a0 … e2d4");
    expect(f.checksum("9f3c")).toBe("9f3c");
  });
  it("says a dash for a moment that is not one", () => {
    expect(f.moment(null)).toBe("–");
    expect(f.moment("yesterday")).toBe("–");
  });
});

describe("limits in fields", () => {
  it("picks the unit that leaves at least one whole", () => {
    expect(f.unitFor(macs, 27_323_000).sign).toBe("M");
    expect(f.unitFor(macs, 870_000).sign).toBe("k");
    expect(f.unitFor(memory, 900).sign).toBe("KiB");
  });
  it("types and reads back the same number", () => {
    const unit = f.unitFor(macs, 27_323_000);
    expect(f.typed(14_000_000, unit)).toBe("14");
    expect(f.typed(2_460_000, unit)).toBe("2.46");
    expect(f.parsed("14", unit)).toBe(14_000_000);
    expect(f.parsed("2,46", unit)).toBe(2_460_000);
  });
  it("takes a unit that is typed, and refuses what is no number", () => {
    const unit = f.unitFor(macs, 27_323_000);
    expect(f.parsed("900 k", unit, macs.units)).toBe(900_000);
    expect(f.parsed("9 kg", unit, macs.units)).toBeNull();
    expect(f.parsed("-3", unit)).toBeNull();
    expect(f.parsed("much", unit)).toBeNull();
  });
});
