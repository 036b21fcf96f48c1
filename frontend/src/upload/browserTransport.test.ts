import { expect, it } from "vitest";
import { refusedFrom } from "./browserTransport";

it("takes message and field from the server's answer", () => {
  const body = { errors: [{ code: "invalid", detail: "At most 224.", attr: "options.side" }] };
  const refused = refusedFrom(400, body, null);
  expect(refused.message).toBe("At most 224.");
  expect(refused.attr).toBe("options.side");
  expect(refused.isTransient).toBe(false);
});

it("takes the received bytes and the waiting time from the server's answer", () => {
  const body = { errors: [{ detail: "8 bytes are here. Go on from there." }], received: 8 };
  expect(refusedFrom(409, body, null).received).toBe(8);
  const slower = refusedFrom(429, { errors: [{ detail: "Slower." }] }, "7");
  expect(slower.retryAfter).toBe(7);
  expect(slower.isTransient).toBe(true);
});

it("has a message for an answer that is not from the server itself", () => {
  expect(refusedFrom(502, null, null).message).toBe("The server answered with error 502.");
  expect(refusedFrom(502, null, null).isTransient).toBe(true);
  expect(refusedFrom(401, { errors: [{ detail: "Not signed in." }] }, null).message).toContain("Sign in");
});
