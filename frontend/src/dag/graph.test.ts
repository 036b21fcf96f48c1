import { expect, it } from "vitest";
import { fitOpName } from "./graph";

it("truncates an operation's name to the width of its node", () => {
  expect(fitOpName("sigmoid", 54)).toBe("sigmoid");
  expect(fitOpName("sigmoid", 36)).toBe("sigm.");
  expect(fitOpName("relu", 36)).toBe("relu");
});
