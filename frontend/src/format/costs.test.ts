import { describe, expect, it } from "vitest";
import * as f from "./costs";
import { formatForField } from "./numbers";

const macs = f.COSTS[1] as f.CostDefinition;
const memory = f.COSTS[2] as f.CostDefinition;

describe("limits in fields", () => {
  it("picks the largest unit that gives at least 1", () => {
    expect(f.unitFor(macs, 27_323_000).sign).toBe("M");
    expect(f.unitFor(macs, 870_000).sign).toBe("k");
    expect(f.unitFor(memory, 900).sign).toBe("B");
    expect(f.unitFor(macs, 740_000).sign).toBe("k");
  });
  it("parses the same number that it formats", () => {
    const unit = f.unitFor(macs, 27_323_000);
    expect(formatForField(14_000_000, unit)).toBe("14");
    expect(formatForField(2_460_000, unit)).toBe("2.46");
    expect(f.parseFieldValue("14", unit)).toBe(14_000_000);
    expect(f.parseFieldValue("2,46", unit)).toBe(2_460_000);
    expect(formatForField(1_234_500, unit)).toBe("1.2345");
  });
  it("accepts a typed unit, and rejects text that is not a number", () => {
    const unit = f.unitFor(macs, 27_323_000);
    expect(f.parseFieldValue("1,500", unit, macs.units)).toBe(1_500_000_000);
    expect(f.parseFieldValue("900 k", unit, macs.units)).toBe(900_000);
    expect(f.parseFieldValue("9 kg", unit, macs.units)).toBeNull();
    expect(f.parseFieldValue("-3", unit)).toBeNull();
    expect(f.parseFieldValue("much", unit)).toBeNull();
  });
});
