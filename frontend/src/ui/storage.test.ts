import { afterEach, expect, it, vi } from "vitest";
import { recall, remember } from "./storage";

afterEach(() => {
  vi.unstubAllGlobals();
  sessionStorage.clear();
});

it("remembers and forgets", () => {
  remember("session", "form", "half");
  expect(recall("session", "form")).toBe("half");
  remember("session", "form", null);
  expect(recall("session", "form")).toBeNull();
});

it("remembers nothing where storage is full", () => {
  const full = { getItem: () => null, setItem: () => expect.fail("full") };
  vi.stubGlobal("sessionStorage", full);
  remember("session", "form", "half");
  expect(recall("session", "form")).toBeNull();
});

it("remembers nothing where storage is blocked", () => {
  vi.stubGlobal("sessionStorage", undefined);
  remember("session", "form", "half");
  expect(recall("session", "form")).toBeNull();
});
