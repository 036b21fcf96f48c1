// Marks of a chart: what they say, by pointer and by keyboard.
import { cleanup, fireEvent, render, screen } from "@testing-library/react";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { Chart } from "./Chart";

const TIPS: Record<string, string> = {
  a: "Step 1, without 0→1: score 0.9",
  b: "Step 2, no change: score 0.8",
};
const onHover = vi.fn();
const onPick = vi.fn();

beforeEach(() => {
  vi.clearAllMocks();
  vi.spyOn(HTMLElement.prototype, "clientWidth", "get").mockReturnValue(600);
  vi.spyOn(HTMLElement.prototype, "clientHeight", "get").mockReturnValue(300);
  render(
    <Chart label="Scores" focus={null} onHover={onHover} onPick={onPick} tipOf={(mark) => TIPS[mark] ?? ""}>
      {() => (
        <>
          <circle data-testid="first" data-id="0-1" data-mark="a" />
          <circle data-testid="second" data-mark="b" />
        </>
      )}
    </Chart>,
  );
});

afterEach(cleanup);

const chart = () => screen.getByRole("group", { name: /^Scores/ });
const tip = () => screen.getByRole("status").textContent;
const press = (key: string) => fireEvent.keyDown(chart(), { key });

it("the mark under the pointer says what it is, and its edge is highlighted everywhere", () => {
  fireEvent.pointerMove(screen.getByTestId("first"), { pointerType: "mouse" });
  expect(tip()).toBe("Step 1, without 0→1: score 0.9");
  expect(onHover).toHaveBeenLastCalledWith("0-1");
  fireEvent.pointerLeave(chart());
  expect([tip(), onHover.mock.lastCall]).toEqual(["", [null]]);
});

it("arrow keys go through the marks, and stop at the ends", () => {
  press("ArrowRight");
  expect(tip()).toBe("Step 1, without 0→1: score 0.9");
  press("ArrowRight");
  press("ArrowRight");
  expect(tip()).toBe("Step 2, no change: score 0.8");
  press("Home");
  expect(tip()).toBe("Step 1, without 0→1: score 0.9");
  fireEvent.blur(chart());
  expect(tip()).toBe("");
});

it("Enter selects the edge of the mark, and nothing where none is in focus", () => {
  press("Enter");
  expect(onPick).not.toHaveBeenCalled();
  press("ArrowRight");
  press("Enter");
  expect(onPick).toHaveBeenCalledWith("0-1");
});
