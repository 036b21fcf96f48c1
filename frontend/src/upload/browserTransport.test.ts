import { expect, it } from "vitest";
import { refusedFrom } from "./browserTransport";

it("says what the server says, and to which field", () => {
  const body = { errors: [{ code: "invalid", detail: "At most 224.", attr: "options.side" }] };
  const refused = refusedFrom(400, body, null);
  expect(refused.message).toBe("At most 224.");
  expect(refused.attr).toBe("options.side");
  expect(refused.isTransient).toBe(false);
});

it("takes along where to go on, and how long to wait", () => {
  const body = { errors: [{ detail: "8 bytes are here. Go on from there." }], received: 8 };
  expect(refusedFrom(409, body, null).received).toBe(8);
  const slower = refusedFrom(429, { errors: [{ detail: "Slower." }] }, "7");
  expect(slower.retryAfter).toBe(7);
  expect(slower.isTransient).toBe(true);
});

it("has words for an answer that is not the server's own", () => {
  expect(refusedFrom(502, null, null).message).toBe("The server answered 502.");
  expect(refusedFrom(502, null, null).isTransient).toBe(true);
  expect(refusedFrom(401, { errors: [{ detail: "Not signed in." }] }, null).message).toContain("Sign in");
});
