import { act, cleanup, render } from "@testing-library/react";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { Announcer } from "./Announcer";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => {
  cleanup();
  vi.useRealTimers();
});

const pass = (ms: number) => act(() => void vi.advanceTimersByTime(ms));
const spoken = () => document.querySelector('[aria-live="polite"]')?.textContent;

it("announces at most once every five seconds, and then the latest sentence", () => {
  const { rerender } = render(<Announcer>one</Announcer>);
  pass(0);
  expect(spoken()).toBe("one");
  rerender(<Announcer>two</Announcer>);
  pass(1_000);
  rerender(<Announcer>three</Announcer>);
  pass(1_000);
  expect(spoken()).toBe("one");
  pass(3_000);
  expect(spoken()).toBe("three");
});
