// Every step of a long search is the view of the log up to there, whatever part of the log the page has.
import { describe, expect, it } from "vitest";
import { goldenStreams, readGolden } from "../testing/golden";
import { LogBuilder } from "../testing/logBuilder";
import type { SearchEvent } from "./events";
import { emptyHistory, recall } from "./history";
import { cellAt, lineOf } from "./line";
import { covers, pageEnd, placeOf } from "./past";
import { apply, emptyView, isSelfContained } from "./reducer";
import { extended, type Segment, viewAt } from "./segment";
import { createLiveStore, receive } from "./store";
import type { View } from "./view";

const fold = (events: readonly SearchEvent[]): View => events.reduce(apply, emptyView());
/** A view without its lines, of which one that starts later has fewer. */
const state = ({ log, ...view }: View) => view;

/** What the server answers to `at=SEQ`. */
function pageAt(events: readonly SearchEvent[], seq: number): Segment {
  const until = events.filter((event) => event.seq <= seq);
  return until.slice(until.findLastIndex(isSelfContained));
}

/** As the page does it: from its segment, else from a page that reaches further, else from one up to the event. */
function lookAt(events: readonly SearchEvent[], segment: Segment, seq: number): View | null {
  const own = viewAt(segment, seq);
  if (own) return own;
  const history = events.reduce(recall, emptyHistory());
  const far = pageAt(events, pageEnd(history, seq, segment[0]?.seq ?? 0));
  return viewAt(covers(far, seq) ? far : pageAt(events, seq), seq);
}

/** A search of many steps, with snapshots, and people at work. */
function longSearch(steps: number, every: number): LogBuilder {
  const log = new LogBuilder();
  for (let step = 1; step <= steps; step += 1) {
    const edge = step % 2 === 0 ? "0-3" : "1-3";
    log.score(0.8, 0.9);
    if (step > 2) log.command("restore", { edge });
    if (step % 7 === 0) log.command(step % 2 === 0 ? "lock" : "unlock", { edge: "0-1" });
    log.decide(edge);
    if (step % every === 0) log.snapshot();
  }
  return log;
}

describe("a log of hundreds of lines", () => {
  const log = longSearch(80, 30);
  const { events, history } = log;
  const store = createLiveStore();
  receive(store, [{ type: "events", from_seq: 1, to_seq: events.length, events }], 0);
  const { segment } = store.getState();

  it("is longer than the page keeps", () => {
    expect(events.length).toBeGreaterThan(500);
    expect(segment.length).toBeLessThan(events.length / 2);
  });

  it("shows each step as the reducer had it before the next decision, also across snapshots", () => {
    const { first, last } = lineOf(history, 0);
    for (let step = first; step <= last; step += 1) {
      const { seq, decision } = placeOf(history, 0, step);
      const then = events.findIndex((e) => e.kind === "step_decided" && e.payload.step === step + 1);
      if (seq === null) {
        expect([step, decision]).toEqual([last, null]);
        continue;
      }
      const shown = lookAt(events, segment, seq);
      expect(shown && state(shown)).toEqual(state(fold(events.slice(0, then))));
      expect(shown?.step).toBe(step);
      const active = shown?.edges.filter((edge) => edge.state === "active").map(({ id }) => id);
      expect([...cellAt(lineOf(history, 0), step)].sort()).toEqual(active?.sort());
    }
  });

  it("reads few pages for many steps", () => {
    const { first, last } = lineOf(history, 0);
    const before = segment[0]?.seq ?? 0;
    const pages = new Set<number>();
    for (let step = first; step <= last; step += 1) {
      const { seq } = placeOf(history, 0, step);
      if (seq === null || seq >= before) continue;
      const far = pageEnd(history, seq, before);
      pages.add(covers(pageAt(events, far), seq) ? far : seq);
    }
    expect(pages.size).toBeLessThan(12);
  });

  it("looks at steps in any order", () => {
    for (const step of [79, 61, 70, 65, 78]) {
      const { seq } = placeOf(history, 0, step);
      const view = seq === null ? null : viewAt(segment, seq);
      expect(view?.step).toBe(step);
    }
  });
});

describe.each(goldenStreams())("%s", (name) => {
  const events = readGolden(name);
  const history = events.reduce(recall, emptyHistory());

  it("shows each step of each branch, and the end of those that were left", () => {
    const segment = extended([], events);
    for (const { branch, end } of history.branches) {
      const { first, last } = lineOf(history, branch);
      for (let step = first; step <= last; step += 1) {
        const { seq, left } = placeOf(history, branch, step);
        expect(left).toBe(end !== null);
        if (seq === null) continue;
        const view = lookAt(events, segment, seq);
        expect([view?.step, view && state(view)]).toEqual([step, state(fold(events.slice(0, seq)))]);
      }
    }
  });
});

describe("the place of a step", () => {
  const { history, events } = new LogBuilder().decide("1-2").decide("1-3").rollBack(1).decide("0-1");
  it("is the newest moment for the last step, and for any later one", () => {
    expect([placeOf(history, 1, null), placeOf(history, 1, 9)].map(({ seq, step }) => [seq, step])).toEqual([
      [null, 2],
      [null, 2],
    ]);
  });
  it("is the end of a branch that was left for its last step", () => {
    const place = placeOf(history, 0, null);
    expect([place.step, place.left, place.decision]).toEqual([2, true, null]);
    expect(fold(events.slice(0, place.seq ?? 0)).branch).toBe(0);
  });
  it("is in the branch that decided the next step", () => {
    const place = placeOf(history, 1, 1);
    expect(fold(events.slice(0, place.seq ?? 0)).branch).toBe(1);
    expect(place.decision?.edits.edges_removed).toEqual(["0-1"]);
  });
});
