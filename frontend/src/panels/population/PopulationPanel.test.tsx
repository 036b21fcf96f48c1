// The panel of a population: what its marks say.
import { cleanup, fireEvent, render, screen } from "@testing-library/react";
import { afterEach, expect, it, vi } from "vitest";
import { NO_POINTS, withPages } from "../../live/candidatePoints";
import { apply, emptyView } from "../../live/reducer";
import { momentOf } from "../../search-view/moment";
import { candidatePage } from "../../testing/candidatePage";
import { LogBuilder } from "../../testing/logBuilder";
import type { Selection } from "../selection/useViewState";
import { PopulationPanel } from "./PopulationPanel";

afterEach(() => {
  cleanup();
  vi.restoreAllMocks();
});

it("a member says what it is, and that it has died", () => {
  vi.spyOn(HTMLElement.prototype, "clientWidth", "get").mockReturnValue(600);
  vi.spyOn(HTMLElement.prototype, "clientHeight", "get").mockReturnValue(300);
  const log = new LogBuilder().score(0.7, 0.8).decide("1-2").score(0.6);
  const whole = log.events.reduce(apply, emptyView());
  const task = { ...whole.task, strategy: { name: "evolution", config: { population: 2 } } };
  const view = { ...whole, task: task as unknown as typeof whole.task };
  const { points } = withPages(NO_POINTS, [candidatePage(log.events)]);
  render(
    <PopulationPanel
      view={view}
      line={log.line}
      moment={momentOf(view, null, null)}
      selection={{} as Selection}
      points={points}
      reading="read"
    />,
  );
  const chart = screen.getByRole("group", { name: /3 members by step, 2 of them alive/ });
  fireEvent.keyDown(chart, { key: "ArrowRight" });
  expect(screen.getByRole("status").textContent).toMatch(/^Step 1, without 0→1: .*, died of age$/);
  fireEvent.keyDown(chart, { key: "End" });
  expect(screen.getByRole("status").textContent).not.toContain("died");
});
