import { describe, expect, it } from "vitest";
import * as f from "./text";

describe("text helpers", () => {
  it("forms plurals, lists and edges", () => {
    expect([f.plural(1, "edge"), f.plural(28, "edge"), f.plural(2_000, "word")]).toEqual([
      "1 edge",
      "28 edges",
      "2,000 words",
    ]);
    expect(f.joinWords(["a", "b", "c"])).toBe("a, b and c");
    expect(f.formatEdge("2-11")).toBe("2→11");
  });
  it("shortens a checksum and leaves a short one alone", () => {
    expect(f.shortenChecksum(`${"9f3c71a0".padEnd(60, "0")}e2d4`)).toBe("9f3c 71a0 … e2d4");
    expect(f.shortenChecksum("9f3c")).toBe("9f3c");
  });
});
