import { describe, expect, it } from "vitest";
import * as f from "./format";

const macs = f.COSTS[1] as f.CostWords;
const memory = f.COSTS[2] as f.CostWords;

describe("small words", () => {
  it("says how far two runtimes differ", () => {
    expect([0, 0.0000021, null].map(f.tiny)).toEqual(["0", "2.1e−6", "–"]);
  });
  it("groups long numbers and counts things", () => {
    expect(f.grouped(3_636_301)).toBe("3\u202f636\u202f301");
    expect(f.plural(1, "edge")).toBe("1 edge");
    expect(f.plural(28, "edge")).toBe("28 edges");
    expect(f.listed(["a", "b", "c"])).toBe("a, b and c");
  });
  it("shortens a checksum and leaves a short one alone", () => {
    expect(f.checksum(`${"9f3c71a0".padEnd(60, "0")}e2d4`)).toBe("9f3c 71a0 … e2d4");
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
