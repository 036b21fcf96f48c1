// A past step is shown exactly as the page showed it then.
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import type { SearchEvent, View } from "../live/events";
import type { Telemetry, WorkProgress } from "../live/messages";
import { apply, emptyView } from "../live/reducer";
import { LogBuilder } from "../testing/logBuilder";
import { isOver, momentOf, rankCandidates } from "./moment";
import { firstStep } from "./replay";

const GOLDEN = join(import.meta.dirname, "../../../tests/fixtures/golden");
const STREAMS = readdirSync(GOLDEN).filter((name) => name.endsWith(".jsonl"));

function read(name: string): SearchEvent[] {
  const lines = readFileSync(join(GOLDEN, name), "utf8").split("\n").filter(Boolean);
  return lines.map((line) => JSON.parse(line));
}

const fold = (events: SearchEvent[]): View => events.reduce(apply, emptyView());

/** The view after `step` decisions; later manual changes show at the next step. */
function viewAt(events: SearchEvent[], final: View, step: number): View {
  // Decisions of abandoned branches count up to where they were left.
  const until = new Map<number, number>();
  let branch = final.branches.find((b) => b.branch === final.branch);
  for (let limit = final.step; branch; ) {
    until.set(branch.branch, limit);
    limit = Math.min(limit, branch.step);
    const parent = branch.parent;
    branch =
      parent && parent.search === null ? final.branches.find((b) => b.branch === parent.branch) : undefined;
  }
  const last = events.findLastIndex(
    (e) =>
      (e.kind === "step_decided" && e.payload.step === step && step <= (until.get(e.branch) ?? -1)) ||
      (e.kind === "branch_opened" && e.payload.step === step && step === firstStep(final)) ||
      (e.kind === "search_started" && step === 0),
  );
  return fold(events.slice(0, last + 1));
}

describe.each(STREAMS)("%s", (name) => {
  const events = read(name);
  const final = fold(events);
  const steps = final.history.map((decided) => decided.step - 1);

  it.each(steps)("shows step %i again", (step) => {
    const then = viewAt(events, final, step);
    const moment = momentOf(final, null, step);
    const active = then.edges.filter((e) => e.state === "active");
    expect([...moment.activeEdges]).toEqual(active.map((e) => e.id));
    // The cost of a fork's first step is only in the log of its parent search.
    if (step > 0 && step === firstStep(final)) expect(moment.cost).toBeNull();
    else expect(moment.cost).toEqual(then.cost);
    expect(moment.edges.map((e) => [e.id, e.tests, e.importance])).toEqual(
      then.edges.map((e) => [e.id, e.tests, e.importance]),
    );
    expect([...moment.locked].filter((id) => moment.activeEdges.has(id))).toEqual(
      active.filter((e) => e.locked).map((e) => e.id),
    );
    expect(moment.nodes.filter((n) => n.removed).map((n) => n.id)).toEqual(
      then.nodes.filter((n) => n.state === "removed").map((n) => n.id),
    );
  });

  it("takes the decided cut as the next one of a past step", () => {
    for (const step of steps) {
      const moment = momentOf(final, null, step);
      const decided = final.history.find((s) => s.step === step + 1);
      expect(moment.next).toBe(decided?.edge);
      expect(moment.nextBecause).toBe(decided?.edge ? "decided" : null);
    }
  });

  it("is over at its end, with nothing to cut next", () => {
    const moment = momentOf(final, null, null);
    expect([moment.head, moment.over, moment.next]).toEqual([true, true, null]);
  });
});

describe("the newest moment", () => {
  const events = read("no-limits.jsonl");
  const open = events.findIndex((e) => e.kind === "candidates_proposed");
  const view = fold(events.slice(0, open + 1));
  const curve = (...accuracies: number[]) =>
    accuracies.map((val_accuracy, i) => ({ epoch: i + 1, train_loss: 1, val_loss: 1, val_accuracy }));
  const telemetry = (work: WorkProgress[], pending: Telemetry["pending"] = []): Telemetry => ({
    status: "running",
    waiting: null,
    error: null,
    pending,
    counts: { queued: 0, running: 0, done: 0 },
    work,
    measuring: null,
    architecture: null,
  });
  const measured = view.candidates.filter((c) => c.edge !== null);
  const [first, second] = measured;
  if (!first || !second) throw new Error("the stream proposes fewer than two cuts");

  it("has no next cut while nothing is tested", () => {
    expect(momentOf(view, telemetry([]), null).next).toBeNull();
  });
  it("takes the best tested candidate as the leader", () => {
    const work: WorkProgress[] = [
      { round: 0, index: first.index, status: "done", curve: curve(0.5, 0.9) },
      { round: 0, index: second.index, status: "done", curve: curve(0.5, 0.95) },
    ];
    const moment = momentOf(view, telemetry(work), null);
    expect([moment.next, moment.nextBecause]).toEqual([second.edge, "leads"]);
    expect(rankCandidates(moment.candidates)[0]?.edge).toBe(second.edge);
  });
  it("takes the lowest perplexity as the leader", () => {
    const text = (val_loss: number) => [{ epoch: 1, train_loss: 1, val_loss, val_accuracy: null }];
    const work: WorkProgress[] = [
      { round: 0, index: first.index, status: "done", curve: text(4.5) },
      { round: 0, index: second.index, status: "done", curve: text(4.7) },
    ];
    const moment = momentOf({ ...view, metric: "perplexity" }, telemetry(work), null);
    expect(moment.next).toBe(first.edge);
    expect(moment.candidates.find((c) => c.edge === first.edge)?.quality).toBeCloseTo(90.02, 2);
  });
  it("ignores candidates that are still in training", () => {
    const work: WorkProgress[] = [{ round: 0, index: first.index, status: "running", curve: curve(0.99) }];
    const moment = momentOf(view, telemetry(work), null);
    expect(moment.next).toBeNull();
    expect(moment.candidates.find((c) => c.index === first.index)?.status).toBe("running");
  });
  it("ignores curves of another round", () => {
    const work: WorkProgress[] = [{ round: 3, index: first.index, status: "done", curve: curve(0.99) }];
    expect(momentOf(view, telemetry(work), null).next).toBeNull();
  });
  it("prefers a pending manual cut", () => {
    const command = {
      id: 1,
      kind: "remove",
      edge: second.edge,
      node: null,
      budget: null,
      weight: null,
      step: null,
      by: "Yan",
      reason: "",
      status: "pending",
      why: "",
      created_at: "2026-11-24T10:00:00Z",
      decided_at: null,
    } as const;
    const work: WorkProgress[] = [{ round: 0, index: first.index, status: "done", curve: curve(0.99) }];
    const moment = momentOf(view, telemetry(work, [command]), null);
    expect([moment.next, moment.nextBecause]).toEqual([second.edge, "person"]);
  });
  const waiting = (
    id: number,
    kind: "lock" | "unlock" | "remove",
    about: { edge?: string; node?: number },
  ) => ({
    ...{ id, kind, edge: null, node: null, budget: null, weight: null, step: null, ...about },
    ...{ by: "Yan", reason: "", status: "pending" as const, why: "", decided_at: null },
    created_at: "2026-11-24T10:00:00Z",
  });
  const bothDone: WorkProgress[] = [
    { round: 0, index: first.index, status: "done", curve: curve(0.9) },
    { round: 0, index: second.index, status: "done", curve: curve(0.95) },
  ];
  const nextWith = (...pending: Telemetry["pending"]) => {
    const { next, nextBecause } = momentOf(view, telemetry(bothDone, pending), null);
    return [next, nextBecause];
  };
  it("does not cut an edge with a pending lock, unless an unlock is pending too", () => {
    const edge = second.edge ?? "";
    expect(nextWith(waiting(1, "lock", { edge }))).toEqual([first.edge, "leads"]);
    expect(nextWith(waiting(1, "lock", { edge }), waiting(2, "unlock", { edge }))).toEqual([edge, "leads"]);
    expect(nextWith(waiting(1, "lock", { edge }), waiting(2, "remove", { edge }))).toEqual([
      first.edge,
      "leads",
    ]);
  });
  it("finds a pending cut of an edge after one of a node", () => {
    const edge = first.edge ?? "";
    expect(nextWith(waiting(1, "remove", { node: 1 }), waiting(2, "remove", { edge }))).toEqual([
      edge,
      "person",
    ]);
  });
  it("is not over while it is paused or failed", () => {
    expect(isOver(view, { ...telemetry([]), status: "paused" })).toBe(false);
    expect(isOver(view, { ...telemetry([]), status: "failed" })).toBe(false);
    expect(isOver(view, { ...telemetry([]), status: "cancelled" })).toBe(true);
  });
});

describe("a search whose steps are not cuts", () => {
  const round = () => new LogBuilder("random").proposeCells(["3 edges", "4 edges", "4 edges", null], []);

  it("has a leading candidate, but no next cut", () => {
    const moment = momentOf(round().score(0, 0.8).score(2, 0.85).score(3, 0.99).view, null, null);
    expect([moment.first, moment.next, moment.nextBecause]).toEqual([2, null, null]);
    expect(moment.cuts).toBe(false);
  });
  it("shows which candidate a past step chose, by its score where labels are equal", () => {
    const story = round().score(1, 0.8).score(2, 0.9).replaceCell("4 edges").replaceCell("no change");
    expect(momentOf(story.view, null, 0).first).toBe(2);
    expect(momentOf(story.view, null, 0).next).toBeNull();
    expect(momentOf(story.view, null, 1).first).toBeNull();
  });
  it("shows at which step an edge was removed, also if it came back and went again", () => {
    const story = new LogBuilder("random")
      .replaceCell("5 edges", { removed: ["0-3"] })
      .replaceCell("6 edges", { added: ["0-3"] })
      .replaceCell("5 edges", { removed: ["0-3"] })
      .replaceCell("6 edges", { added: ["0-3"] });
    const edge = (step: number | null) =>
      momentOf(story.view, null, step).edges.find(({ id }) => id === "0-3");
    expect([0, 1, 2, 3, null].map((step) => [edge(step)?.state, edge(step)?.cutAt])).toEqual([
      ["active", null],
      ["removed", 1],
      ["active", null],
      ["removed", 3],
      ["active", null],
    ]);
    expect(edge(1)?.removal).toBe("removed");
  });
  it("calls a manual cut a cut", () => {
    const { view } = new LogBuilder("random").command("remove", { edge: "0-3" });
    expect(momentOf(view, null, null).edges.find(({ id }) => id === "0-3")?.removal).toBe("cut");
  });
});
