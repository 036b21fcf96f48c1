import { describe, expect, it } from "vitest";
import * as f from "./costs";

const macs = f.COSTS[1] as f.CostDefinition;
const memory = f.COSTS[2] as f.CostDefinition;

describe("limits in fields", () => {
  it("picks the unit that leaves at least one whole", () => {
    expect(f.unitFor(macs, 27_323_000).sign).toBe("M");
    expect(f.unitFor(macs, 870_000).sign).toBe("k");
    expect(f.unitFor(memory, 900).sign).toBe("KiB");
  });
  it("types and reads back the same number", () => {
    const unit = f.unitFor(macs, 27_323_000);
    expect(f.formatForField(14_000_000, unit)).toBe("14");
    expect(f.formatForField(2_460_000, unit)).toBe("2.46");
    expect(f.parseFieldValue("14", unit)).toBe(14_000_000);
    expect(f.parseFieldValue("2,46", unit)).toBe(2_460_000);
  });
  it("takes a unit that is typed, and refuses what is no number", () => {
    const unit = f.unitFor(macs, 27_323_000);
    expect(f.parseFieldValue("900 k", unit, macs.units)).toBe(900_000);
    expect(f.parseFieldValue("9 kg", unit, macs.units)).toBeNull();
    expect(f.parseFieldValue("-3", unit)).toBeNull();
    expect(f.parseFieldValue("much", unit)).toBeNull();
  });
});
