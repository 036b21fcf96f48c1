import { expect, it } from "vitest";
import { CHAIN } from "../../testing/chain";
import { cost, LogBuilder } from "../../testing/logBuilder";
import { describeRange } from "./range";

const PARAMS = { key: "params", show: String } as const;
const { view } = new LogBuilder();
const removal = { state: "active", locked: false, step: null, cause: null } as const;

it("goes from the smallest cell to the largest", () => {
  expect(describeRange(view, PARAMS, [100_000])).toBe("smallest cell 20000, largest cell 120000");
});

it("calls no cell the largest that a value is beyond", () => {
  expect(describeRange(view, PARAMS, [null, 140_000])).toBe("smallest cell 20000, first cell 120000");
});

it("ends at the first chain, which others may pass", () => {
  const nodes = CHAIN.nodes.map((node) => ({ ...node, ...removal, cell: 0 }));
  expect(describeRange({ ...view, nodes }, PARAMS, [100_000])).toBe(
    "smallest chain 20000, first chain 120000",
  );
});

it("has the first cell alone where no end is known", () => {
  const ends = { smallest: null, largest: null };
  expect(describeRange({ ...view, ends, start: cost(6) }, PARAMS, [null])).toBe("first cell 120000");
});
