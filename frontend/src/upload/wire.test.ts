import { expect, it } from "vitest";
import { refusal } from "./wire";

it("says what the server says, and to which field", () => {
  const body = { errors: [{ code: "invalid", detail: "At most 224.", attr: "options.side" }] };
  const refused = refusal(400, body, null);
  expect(refused.message).toBe("At most 224.");
  expect(refused.attr).toBe("options.side");
  expect(refused.passes).toBe(false);
});

it("takes along where to go on, and how long to wait", () => {
  const body = { errors: [{ detail: "8 bytes are here. Go on from there." }], received: 8 };
  expect(refusal(409, body, null).received).toBe(8);
  const slower = refusal(429, { errors: [{ detail: "Slower." }] }, "7");
  expect(slower.after).toBe(7);
  expect(slower.passes).toBe(true);
});

it("has words for an answer that is not the server's own", () => {
  expect(refusal(502, null, null).message).toBe("The server answered 502.");
  expect(refusal(502, null, null).passes).toBe(true);
  expect(refusal(401, { errors: [{ detail: "Not signed in." }] }, null).message).toContain("Sign in");
});
