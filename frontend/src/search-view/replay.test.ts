// Past steps of a search with manual edits, rollbacks and forks.
import { describe, expect, it } from "vitest";
import { emptyView } from "../live/reducer";
import { BUDGET, cost, LogBuilder } from "../testing/logBuilder";
import { momentOf } from "./moment";
import { activeEdgesAt, branchLines, budgetAt, costAt, firstStep, lockedAt } from "./replay";

const activeEdges = (story: LogBuilder, step: number | null) =>
  [...activeEdgesAt(story.view, step)].sort().join(" ");

describe("a step after a cut by hand", () => {
  const story = new LogBuilder().command("remove", { edge: "0-1" }).decide("1-2").decide("1-3");
  it("shows the dense cell and its cost at step 0, before the manual cut", () => {
    const moment = momentOf(story.view, null, 0);
    expect(moment.activeEdges.size).toBe(6);
    expect(moment.cost).toEqual(cost(6));
  });
  it("shows both cuts at the next step, with the remaining cost", () => {
    const moment = momentOf(story.view, null, 1);
    expect([...moment.activeEdges]).not.toContain("0-1");
    expect(moment.cost).toEqual(cost(4));
  });
});

describe("an edge that was restored", () => {
  const story = new LogBuilder()
    .decide("1-2")
    .decide("1-3")
    .command("restore", { edge: "1-2" })
    .decide("0-3");
  it("is active, removed, and active again", () => {
    expect(activeEdges(story, 0)).toContain("1-2");
    expect(activeEdges(story, 1)).not.toContain("1-2");
    expect(activeEdges(story, 2)).not.toContain("1-2");
    expect(activeEdges(story, 3)).toContain("1-2");
    expect(activeEdges(story, null)).toContain("1-2");
  });
});

describe("locks and limits of the past", () => {
  const tight = { ...BUDGET, params: 30_000 };
  const story = new LogBuilder()
    .decide("1-2")
    .command("lock", { edge: "0-2" })
    .command("lock", { node: 3 })
    .decide("1-3")
    .command("set_budget", { budget: tight })
    .command("unlock", { edge: "0-2" })
    .decide("0-3");
  it("shows locks from the step after they were set to the one in which they were released", () => {
    const locked = [0, 1, 2, 3].map((step) => [...lockedAt(story.view, step)].sort());
    expect(locked).toEqual([[], [], ["0-2", "3"], ["3"]]);
  });
  it("shows the limits of each step", () => {
    expect([0, 2, 3].map((step) => budgetAt(story.view, step)?.params)).toEqual([60_000, 60_000, 30_000]);
  });
});

describe("after a rollback", () => {
  const story = new LogBuilder()
    .decide("1-2")
    .command("lock", { edge: "0-3" })
    .decide("1-3")
    .decide("0-2")
    .rollBack(1)
    .decide("0-1");
  it("replays the current branch, not the abandoned one", () => {
    expect(story.view.step).toBe(2);
    expect(activeEdges(story, 1)).toBe("0-1 0-2 0-3 1-3 2-3");
    expect(activeEdges(story, 2)).toBe("0-2 0-3 1-3 2-3");
    expect(lockedAt(story.view, 2).size).toBe(0);
    expect(costAt(story.view, 2)).toEqual(cost(4));
  });
  it("tells lines of the current branch from those of the abandoned one", () => {
    const cuts = branchLines(story.view).filter((line) => line.kind === "step_decided");
    expect(cuts.map((line) => line.edge)).toEqual(["1-2", "0-1"]);
  });
  it("handles a second rollback to before the first", () => {
    const twice = new LogBuilder().decide("1-2").decide("1-3").rollBack(1).decide("0-1").rollBack(0);
    twice.decide("2-3");
    expect(activeEdges(twice, 1)).toBe("0-1 0-2 0-3 1-2 1-3");
    expect(
      branchLines(twice.view)
        .filter((l) => l.kind === "step_decided")
        .map((l) => l.edge),
    ).toEqual(["2-3"]);
  });
});

describe("a fork", () => {
  const fork = new LogBuilder().decide("1-2").decide("1-3").fork(1).command("remove", { edge: "0-2" });
  fork.decide("0-1");
  it("starts at the step it was forked from", () => {
    expect(firstStep(fork.view)).toBe(1);
    expect(activeEdges(fork, 1)).toBe("0-1 0-2 0-3 1-3 2-3");
    expect(activeEdges(fork, 2)).toBe("0-3 1-3 2-3");
  });
  it("has no cost at its first step, which is in the other search's log", () => {
    expect(costAt(fork.view, 1)).toBeNull();
    expect(costAt(fork.view, 2)).toEqual(cost(3));
  });
});

describe("an abandoned branch", () => {
  it("is over, with no next cut and nothing to edit", () => {
    const moment = momentOf(new LogBuilder().decide("1-2").view, null, null, true);
    expect([moment.abandoned, moment.over, moment.next]).toEqual([true, true, null]);
  });
  it("waits for nothing before the first event", () => {
    expect(momentOf(emptyView(), null, null).activeEdges.size).toBe(0);
  });
});
