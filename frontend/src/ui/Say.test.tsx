import { act, cleanup, render } from "@testing-library/react";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { Say } from "./Say";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => {
  cleanup();
  vi.useRealTimers();
});

const pass = (ms: number) => act(() => void vi.advanceTimersByTime(ms));
const said = () => document.querySelector('[aria-live="polite"]')?.textContent;

it("says at most one thing every five seconds, and then the latest", () => {
  const { rerender } = render(<Say>one</Say>);
  pass(0);
  expect(said()).toBe("one");
  rerender(<Say>two</Say>);
  pass(1_000);
  rerender(<Say>three</Say>);
  pass(1_000);
  expect(said()).toBe("one");
  pass(3_000);
  expect(said()).toBe("three");
});
