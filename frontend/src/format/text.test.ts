import { describe, expect, it } from "vitest";
import * as f from "./text";

describe("text helpers", () => {
  it("shows the difference of two runtimes", () => {
    expect([0, 0.0000021, null].map(f.formatDifference)).toEqual(["0", "2.1e−6", "–"]);
  });
  it("groups digits, and forms plurals and lists", () => {
    expect(f.groupDigits(3_636_301)).toBe("3\u202f636\u202f301");
    expect(f.plural(1, "edge")).toBe("1 edge");
    expect(f.plural(28, "edge")).toBe("28 edges");
    expect(f.joinWords(["a", "b", "c"])).toBe("a, b and c");
  });
  it("shortens a checksum and leaves a short one alone", () => {
    expect(f.shortenChecksum(`${"9f3c71a0".padEnd(60, "0")}e2d4`)).toBe("9f3c 71a0 … e2d4");
    expect(f.shortenChecksum("9f3c")).toBe("9f3c");
  });
  it("shows a dash for an invalid date", () => {
    expect(f.formatDateTime(null)).toBe("–");
    expect(f.formatDateTime("yesterday")).toBe("–");
  });
});
