// The panel of a population: what its marks say, and what it says of the draws.
import { cleanup, fireEvent, render, screen } from "@testing-library/react";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { NO_POINTS, withPages } from "../../live/candidatePoints";
import { momentOf } from "../../search-view/moment";
import { candidatePage } from "../../testing/candidatePage";
import { BUDGET, LogBuilder } from "../../testing/logBuilder";
import type { Selection } from "../selection/useViewState";
import { PopulationPanel } from "./PopulationPanel";

beforeEach(() => {
  vi.spyOn(HTMLElement.prototype, "clientWidth", "get").mockReturnValue(600);
  vi.spyOn(HTMLElement.prototype, "clientHeight", "get").mockReturnValue(300);
});
afterEach(() => {
  cleanup();
  vi.restoreAllMocks();
});

function show(log: LogBuilder, name: string, evaluator: object = {}) {
  const budget = { ...BUDGET, params: null, macs: 550_000 };
  const chosen = {
    strategy: { name, config: name === "random" ? {} : { population: 2 } },
    evaluator: { name: "score", config: evaluator },
  };
  const view = { ...log.view, budget, task: log.view.task && { ...log.view.task, ...chosen } };
  const { points } = withPages(NO_POINTS, [candidatePage(log.events)]);
  render(
    <PopulationPanel
      view={view as typeof log.view}
      line={log.line}
      moment={momentOf(view as typeof log.view, null, null)}
      selection={{} as Selection}
      points={points}
      reading="read"
    />,
  );
}
const chart = (name: RegExp) => screen.getByRole("group", { name });
const tip = () => screen.getByRole("status").textContent;
const axis = (name: string) => fireEvent.click(screen.getByRole("button", { name }));

it("a member says what it is, and that it has died", () => {
  show(new LogBuilder().score(0.7, 0.8).decide("1-2").score(0.6), "evolution");
  axis("Steps");
  const steps = chart(/^Accuracy of 3 members by step, 2 of them alive/);
  fireEvent.keyDown(steps, { key: "ArrowRight" });
  expect(tip()).toMatch(/^Step 1, without 0→1: .*, died of age$/);
  fireEvent.keyDown(steps, { key: "End" });
  expect(tip()).not.toContain("died");
});

it("members that a better one replaced are marked against their MACs, with the limit and the front", () => {
  const log = new LogBuilder("zico", "proxy").proposeCells(["2 edges", "3 edges", "4 edges"], []);
  show(log.score(312.43, 45.2, 101.5), "zico");
  const macs = chart(/^Proxy score against MACs of 3 members, 2 of them alive, 1 of them on the Pareto/);
  expect(macs.textContent).toContain("≤ 550\u202fk");
  fireEvent.keyDown(macs, { key: "ArrowRight" });
  expect(tip()).toMatch(/^Step 1, 2 edges: proxy score 312\.4, .* MACs$/);
  fireEvent.keyDown(macs, { key: "ArrowRight" });
  expect(tip()).toMatch(/^Step 1, 3 edges: proxy score 45\.2, .*, replaced by better ones$/);
});

it("cells that were drawn at random are shown by step until MACs are chosen, and all are alive", () => {
  show(
    new LogBuilder("random").proposeCells(["2 edges", "3 edges", "4 edges"], []).score(0.7, 0.8, 0.9),
    "random",
  );
  expect(chart(/^Accuracy of 3 members by step, 3 of them alive/)).toBeTruthy();
  axis("MACs");
  expect(chart(/^Accuracy against MACs of 3 members, 3 of them alive/)).toBeTruthy();
});

it("says how many draws of all steps were refused, and why", () => {
  const log = new LogBuilder("zico", "proxy")
    .proposeCells(["2 edges"], [{ limit: "macs", count: 3 }])
    .score(3);
  log.replaceCell(null).proposeCells(["3 edges"], [{ limit: "rules", count: 1 }]);
  show(log, "zico");
  expect(screen.getByText(/draws refused/).textContent).toBe(
    "4 of 6 draws refused: 3 over the MACs limit, 1 against the rules of the space or repeated. ",
  );
});

it("says that those who are alive are known by old scores where several proxies are combined", () => {
  const log = new LogBuilder("zico", "proxy").proposeCells(["2 edges"], []).score(0.5);
  show(log, "zico", { second: "none" });
  expect(screen.queryByText(/in its step/)).toBeNull();
  cleanup();
  show(log, "zico", { second: "synflow" });
  expect(screen.getByText("Alive by the score that each had in its step.")).toBeTruthy();
});
