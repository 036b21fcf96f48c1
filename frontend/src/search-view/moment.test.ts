// The moment of a view: the newest with its telemetry, or an earlier one with the decision that was taken then.
import { describe, expect, it } from "vitest";
import type { Command, CurvePoint } from "../api/types";
import type { SearchEvent } from "../live/events";
import { emptyHistory, recall, type Step } from "../live/history";
import type { Telemetry, WorkProgress } from "../live/messages";
import { apply, emptyView } from "../live/reducer";
import type { View } from "../live/view";
import { goldenStreams, readGolden } from "../testing/golden";
import { LogBuilder } from "../testing/logBuilder";
import { changesCell } from "./changeText";
import { isOver, momentOf } from "./moment";
import { rankCandidates } from "./momentCandidates";

const fold = (events: readonly SearchEvent[]): View => events.reduce(apply, emptyView());
const before = (events: readonly SearchEvent[], { seq }: Step) => fold(events.filter((e) => e.seq < seq));

describe.each(goldenStreams())("%s", (name) => {
  const events = readGolden(name);
  const steps = events.reduce(recall, emptyHistory()).branches.flatMap((branch) => branch.steps);

  it("takes what was decided as next of each step, with the results that it was decided on", () => {
    for (const step of steps) {
      const moment = momentOf(before(events, step), step, null);
      expect([moment.step, moment.head, moment.over]).toEqual([step.step - 1, false, false]);
      expect(moment.nextBecause).toBe(moment.next === null ? null : "decided");
      const chosen = moment.candidates.find(({ id }) => id === step.candidate);
      // Its edits are against the graph that was proposed for, before people edited it.
      if (chosen) expect([chosen.status, chosen.score]).toEqual(["done", step.score]);
      expect(moment.first).toBe(step.candidate);
    }
  });

  it("is over at its end, with nothing to cut next", () => {
    const moment = momentOf(fold(events), null, null);
    expect([moment.head, moment.over, moment.next]).toEqual([true, true, null]);
  });
});

const telemetry = (work: WorkProgress[], pending: Command[] = []): Telemetry => ({
  status: "running",
  waiting: null,
  error: null,
  pending,
  counts: { queued: 0, running: 0, done: 0 },
  work,
  workers: [],
  left: { steps: null, seconds: null },
  measuring: null,
  candidates: 0,
  seq: 0,
  architecture: null,
});
const curve = (...accuracies: number[]): CurvePoint[] =>
  accuracies.map((val_accuracy, i) => ({ epoch: i + 1, train_loss: 1, val_loss: 1, val_accuracy }));
const doing = (
  about: number,
  status: WorkProgress["status"],
  points: CurvePoint[],
  round = 0,
): WorkProgress => ({
  ...{ round, about: [about], status },
  curve: points,
});

describe("the newest moment", () => {
  const events = readGolden("no-limits");
  const open = events.findIndex((e) => e.kind === "candidates_proposed");
  const view = fold(events.slice(0, open + 1));
  const [first, second] = momentOf(view, null, null).candidates.filter((c) => c.edge !== null);
  if (!first || !second) throw new Error("the stream proposes fewer than two cuts");

  it("has no next cut while nothing is tested", () => {
    expect(momentOf(view, null, telemetry([])).next).toBeNull();
  });
  it("takes the best tested candidate as the leader", () => {
    const work = [doing(first.id, "done", curve(0.5, 0.9)), doing(second.id, "done", curve(0.5, 0.95))];
    const moment = momentOf(view, null, telemetry(work));
    expect([moment.next, moment.nextBecause]).toEqual([second.edge, "leads"]);
    expect(rankCandidates(moment.candidates)[0]?.edge).toBe(second.edge);
  });
  it("takes the lowest perplexity as the leader", () => {
    const text = (val_loss: number) => [{ epoch: 1, train_loss: 1, val_loss, val_accuracy: null }];
    const work = [doing(first.id, "done", text(4.5)), doing(second.id, "done", text(4.7))];
    const moment = momentOf({ ...view, metric: "perplexity" }, null, telemetry(work));
    expect(moment.next).toBe(first.edge);
    expect(moment.candidates.find((c) => c.edge === first.edge)?.quality).toBeCloseTo(90.02, 2);
  });
  it("ignores candidates that are still in training", () => {
    const moment = momentOf(view, null, telemetry([doing(first.id, "running", curve(0.99))]));
    expect(moment.next).toBeNull();
    expect(moment.candidates.find((c) => c.id === first.id)?.status).toBe("running");
  });
  it("ignores curves of another round", () => {
    expect(momentOf(view, null, telemetry([doing(first.id, "done", curve(0.99), 3)])).next).toBeNull();
  });
  it("shows one measurement at all candidates that it is about", () => {
    const shared = { ...doing(first.id, "running", curve(0.5)), about: [first.id, second.id] };
    const none = { ...doing(first.id, "running", curve(0.5)), about: [] };
    const running = (work: WorkProgress[]) =>
      momentOf(view, null, telemetry(work)).candidates.filter(({ status }) => status === "running");
    expect(running([shared]).map(({ id }) => id)).toEqual([first.id, second.id]);
    expect(running([none])).toEqual([]);
  });

  const waiting = (id: number, kind: "lock" | "unlock" | "remove", about: Partial<Command>): Command => ({
    ...{ id, kind, edge: null, node: null, budget: null, weight: null, step: null },
    ...{ by: "Yan", reason: "", status: "pending", why: "", decided_at: null },
    created_at: "2026-11-24T10:00:00Z",
    ...about,
  });
  const bothDone = [doing(first.id, "done", curve(0.9)), doing(second.id, "done", curve(0.95))];
  const nextWith = (...pending: Command[]) => {
    const { next, nextBecause } = momentOf(view, null, telemetry(bothDone, pending));
    return [next, nextBecause];
  };
  it("prefers a pending manual cut", () => {
    expect(nextWith(waiting(1, "remove", { edge: first.edge }))).toEqual([first.edge, "person"]);
  });
  it("does not cut an edge with a pending lock, unless an unlock is pending too", () => {
    const { edge } = second;
    expect(nextWith(waiting(1, "lock", { edge }))).toEqual([first.edge, "leads"]);
    expect(nextWith(waiting(1, "lock", { edge }), waiting(2, "unlock", { edge }))).toEqual([edge, "leads"]);
    expect(nextWith(waiting(1, "lock", { edge }), waiting(2, "remove", { edge }))).toEqual([
      first.edge,
      "leads",
    ]);
  });
  it("finds a pending cut of an edge after one of a node", () => {
    const { edge } = first;
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
    const { view } = round().score(0.8, null, 0.85, 0.99);
    const moment = momentOf(view, null, null);
    const lead = moment.candidates.find(({ id }) => id === moment.first);
    expect([lead?.score, moment.next, moment.nextBecause]).toEqual([0.85, null, null]);
    expect(moment.cuts).toBe(false);
    expect(moment.candidates.map(changesCell)).toEqual([true, true, true, false]);
  });
  it("shows which candidate a past step chose", () => {
    const story = round().score(null, 0.8, 0.9);
    const view = story.view;
    const [step] = story.replaceCell("3 edges").line.steps;
    if (!step) throw new Error("nothing was decided");
    const chosen = view.candidates.shown[2]?.id ?? null;
    const moment = momentOf(view, { ...step, candidate: chosen }, null);
    expect([moment.first, moment.next]).toEqual([chosen, null]);
  });
  it("calls what the search removes removed, and a manual cut a cut", () => {
    const removal = ({ view }: LogBuilder) =>
      momentOf(view, null, null).edges.find(({ id }) => id === "0-3")?.removal;
    expect(removal(new LogBuilder("random").replaceCell("5 edges", { removed: ["0-3"] }))).toBe("removed");
    expect(removal(new LogBuilder("random").command("remove", { edge: "0-3" }))).toBe("cut");
  });
});

describe("a branch that was left", () => {
  it("is over, with no next cut and nothing to edit", () => {
    const moment = momentOf(new LogBuilder().decide("1-2").view, null, null, "left");
    expect([moment.abandoned, moment.over, moment.next]).toEqual([true, true, null]);
  });
});

it("has no parts before the first event", () => {
  expect(momentOf(emptyView(), null, null).activeEdges.size).toBe(0);
});
