// The measured candidates of a search, from the columns of their table.
import { describe, expect, it } from "vitest";
import type { CandidatePage } from "../api/types";
import { candidatePage } from "../testing/candidatePage";
import { BUDGET, LogBuilder } from "../testing/logBuilder";
import { fits, MOST_POINTS, NO_POINTS, pointsInLine, withPages } from "./candidatePoints";

const story = () => new LogBuilder().score(0.7, 0.8).decide("1-2").score(0.6).decide("1-3");
const known = (log: LogBuilder) => withPages(NO_POINTS, [candidatePage(log.events)]);
const END = Number.POSITIVE_INFINITY;

describe("the points of a search", () => {
  it("have the edge that a candidate cuts, and the step that it was measured for", () => {
    const log = story();
    const points = pointsInLine(known(log), log.line, END);
    expect(points.map(({ step, edge, score }) => [step, edge, score])).toEqual([
      [1, "0-1", 0.7],
      [1, "0-2", 0.8],
      [2, "0-1", 0.6],
    ]);
  });
  it("end at the step that they were tested for", () => {
    const log = story();
    expect(pointsInLine(known(log), log.line, 1)).toHaveLength(2);
  });
  it("are those of the branch and of its ancestors up to where it was opened", () => {
    const log = story().rollBack(1).score(0.5);
    const scores = (branch: LogBuilder["line"]) => pointsInLine(known(log), branch, END).map((p) => p.score);
    expect(scores(log.line)).toEqual([0.7, 0.8, 0.5]);
  });
  it("are no finalists", () => {
    const log = story().trainFinalists(["4 edges of step 2"]).score(0.97);
    expect(pointsInLine(known(log), log.line, END)).toHaveLength(3);
  });
});

/** So many rows up to an id. */
function rows(
  last: number,
  length: number,
  { count, seq = 9 }: { count: number; seq?: number },
): CandidatePage {
  const id = Array.from({ length }, (_, i) => last - length + 1 + i);
  return { count, seq, columns: { branch: id.map(() => 0), id, seq: id } };
}

describe("more pages", () => {
  it("add what is new, and replace what has changed", () => {
    const log = story();
    const before = known(log);
    log.score(0.9);
    const after = withPages(before, [candidatePage(log.events, { after_seq: before.seq })]);
    expect([before.points.length, after.points.length]).toEqual([3, 4]);
    expect(withPages(after, [candidatePage(log.events)]).points).toHaveLength(4);
    expect([after.whole, after.seq > before.seq]).toEqual([true, true]);
  });
  it("keep the newest of too many", () => {
    const pages = [30_000, 10_000].map((last) => rows(last, 10_000, { count: 500_000 }));
    const points = withPages(NO_POINTS, pages);
    expect([points.whole, points.seq, points.points.length]).toEqual([false, 9, MOST_POINTS]);
    expect(points.points.at(-1)?.id).toBe(30_000);
  });
  it("are of one reading: until it has all rows, what is new is asked for as if there were none", () => {
    const [first, second] = [
      rows(2_000, 1_000, { count: 2_000 }),
      rows(1_000, 1_000, { count: 2_001, seq: 12 }),
    ];
    const [some, all] = [withPages(NO_POINTS, [first]), withPages(NO_POINTS, [first, second])];
    expect([some.points.length, some.seq, some.whole]).toEqual([1_000, 0, false]);
    // A row that came after the first page was read may be on neither.
    expect([all.points.length, all.seq, all.whole]).toEqual([2_000, 9, true]);
  });
});

it("fit a budget if they exceed none of its limits", () => {
  const [point] = known(story()).points;
  if (!point) throw new Error("nothing was measured");
  expect([null, { ...BUDGET, params: 100_000 }, { ...BUDGET, macs: 10 }].map((b) => fits(point, b))).toEqual([
    true,
    true,
    false,
  ]);
});
