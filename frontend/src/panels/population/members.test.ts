import { expect, it } from "vitest";
import type { CandidatePoint } from "../../live/candidatePoints";
import type { Task } from "../../live/events";
import { BUDGET } from "../../testing/logBuilder";
import { membersOf, survivalOf } from "./members";

const point = (id: number, quality: number | null, macs = 100, parents: number[] = []): CandidatePoint => ({
  key: `0 ${id}`,
  branch: 0,
  id,
  step: id + 1,
  phase: "choice",
  seq: id,
  edge: null,
  label: `${id} edges`,
  parents,
  quality,
  score: quality,
  params: 10,
  macs,
  peak_memory: 10,
  latency: null,
});
const about = { metric: "accuracy", survival: { size: 2, keeps: "youngest" }, budget: null } as const;

it("the youngest members are alive, whatever they reached", () => {
  const members = membersOf([point(0, 0.9), point(1, 0.5), point(2, 0.6)], about);
  expect(members.map(({ key, alive }) => [key, alive])).toEqual([
    ["0", false],
    ["1", true],
    ["2", true],
  ]);
});

it("where nobody dies all are alive", () => {
  expect(membersOf([point(0, 0.9), point(1, 0.5)], { ...about, survival: null }).every((m) => m.alive)).toBe(
    true,
  );
});

it("the front is of all that were trained, and lower is better for perplexity", () => {
  const points = [point(0, 90, 100), point(1, 80, 200), point(2, 95, 150)];
  const front = (metric: "accuracy" | "perplexity") =>
    membersOf(points, { ...about, metric }).flatMap(({ key, onFront }) => (onFront ? [key] : []));
  expect(front("perplexity")).toEqual(["0", "1"]);
  expect(front("accuracy")).toEqual(["0", "2"]);
});

it("candidates without a result are no members, and parents are named by their ids", () => {
  const members = membersOf([point(0, 0.9), point(1, null), point(2, 0.7, 90, [0])], about);
  expect(members.map(({ key, parents }) => [key, parents])).toEqual([
    ["0", []],
    ["2", ["0"]],
  ]);
});

const alive = (points: readonly CandidatePoint[], more: Partial<Parameters<typeof membersOf>[1]> = {}) =>
  membersOf(points, { ...about, ...more }).flatMap((member) => (member.alive ? [member.key] : []));

it("the best members are alive where a strategy keeps those, and of equals the oldest goes", () => {
  const points = [point(0, 0.9), point(1, 0.5), point(2, 0.9), point(3, 0.9), point(4, 0.6)];
  expect(alive(points, { survival: { size: 2, keeps: "best" } })).toEqual(["2", "3"]);
});

it("what does not fit the limits is not alive, and another one has its place", () => {
  const points = [point(0, 0.9, 500), point(1, 0.5), point(2, 0.6)];
  const survival = { size: 2, keeps: "best" } as const;
  expect(alive(points, { survival })).toEqual(["0", "2"]);
  expect(alive(points, { survival, budget: { ...BUDGET, params: null, macs: 400 } })).toEqual(["1", "2"]);
});

it("a strategy with a population says how large it is and whom it keeps", () => {
  const task = (name: string, config: object) => ({ strategy: { name, config } }) as unknown as Task;
  expect(survivalOf(task("evolution", { population: 20 }))).toEqual({ size: 20, keeps: "youngest" });
  expect(survivalOf(task("zico", { population: 512 }))).toEqual({ size: 512, keeps: "best" });
  expect([survivalOf(task("random", {})), survivalOf(null)]).toEqual([null, null]);
});
