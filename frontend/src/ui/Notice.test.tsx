import { describe, expect, it } from "vitest";
import { errorMessage } from "./Notice";

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
