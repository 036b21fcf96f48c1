import { afterEach, expect, it, vi } from "vitest";
import { forget, recall, remember } from "./storage";

afterEach(() => {
  vi.unstubAllGlobals();
  sessionStorage.clear();
});

it("remembers and forgets", () => {
  remember("session", "form", "half");
  expect(recall("session", "form")).toBe("half");
  forget("session", "form");
  expect(recall("session", "form")).toBeNull();
});

it("goes on with what was remembered where storage is full", () => {
  const kept = new Map([["form", "half"]]);
  const full = () => {
    throw new DOMException("full", "QuotaExceededError");
  };
  vi.stubGlobal("sessionStorage", { getItem: (key: string) => kept.get(key) ?? null, setItem: full });
  remember("session", "form", "whole");
  expect(recall("session", "form")).toBe("half");
});

it("remembers nothing where storage is blocked", () => {
  const blocked = vi.spyOn(globalThis, "sessionStorage", "get").mockImplementation(() => {
    throw new DOMException("blocked", "SecurityError");
  });
  remember("session", "form", "half");
  forget("session", "form");
  expect(recall("session", "form")).toBeNull();
  blocked.mockRestore();
});
