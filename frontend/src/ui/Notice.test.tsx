import { describe, expect, it } from "vitest";
import { ApiError, ConnectionLost } from "../api/client";
import { errorMessage, rejectionMessage } from "./Notice";

describe("a lost connection", () => {
  it.each([
    "Failed to fetch",
    "Load failed",
    "NetworkError when attempting to fetch resource.",
    "network error",
    "Unable to preload CSS for http://localhost/Catalog.css",
    "Failed to fetch dynamically imported module: http://localhost/Catalog.js",
    "Importing a module script failed.",
  ])("is one sentence, whatever the browser calls it: %s", (words) => {
    expect(errorMessage(new TypeError(words))).toBe("No connection to the server.");
  });

  it("is not what other errors are called", () => {
    expect(errorMessage(new Error("The name is too long."))).toBe("The name is too long.");
  });
});

describe("what was sent", () => {
  it("was refused where the server says so", () => {
    const error = new ApiError(409, [{ code: "conflict", detail: "It has ended.", attr: null }]);
    expect(rejectionMessage(error)).toBe("Refused: It has ended.");
  });

  it.each([new ConnectionLost(), new TypeError("Failed to fetch"), new ApiError(502, [])])(
    "may have been done where no answer came: %s",
    (error) => {
      expect(rejectionMessage(error)).toMatch(
        /^(No connection to the server|The server answered with error 502)\. It may/,
      );
    },
  );
});
