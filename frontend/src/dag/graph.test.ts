import { expect, it } from "vitest";
import { fittedOp } from "./graph";

it("cuts an operation's name to the room of its node", () => {
  expect(fittedOp("sigmoid", 54)).toBe("sigmoid");
  expect(fittedOp("sigmoid", 36)).toBe("sigm.");
  expect(fittedOp("relu", 36)).toBe("relu");
});
