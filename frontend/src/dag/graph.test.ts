import { expect, it } from "vitest";
import { fitOpName } from "./graph";

it("shows whole names of operations, in words, and none where there is no room", () => {
  expect(fitOpName("sigmoid", 54)).toBe("sigmoid");
  expect(fitOpName("sigmoid", 36)).toBe("");
  expect(fitOpName("relu", 36)).toBe("relu");
  const published = ["none", "skip_connect", "nor_conv_1x1", "nor_conv_3x3", "avg_pool_3x3"];
  expect(published.map((op) => fitOpName(op, 50))).toEqual([
    "zero",
    "skip",
    "conv 1×1",
    "conv 3×3",
    "avg pool",
  ]);
});

it("keeps the width of a node where its name has no room beside it", () => {
  expect(fitOpName("conv1", 54, 48)).toBe("conv1 48");
  expect(fitOpName("sigmoid", 54, 48)).toBe("48");
});
