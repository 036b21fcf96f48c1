import { expect, it } from "vitest";
import type { CandidatePoint } from "../../live/candidatePoints";
import type { Task } from "../../live/events";
import { membersOf, populationSize } from "./members";

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
const about = { metric: "accuracy", size: 2 } as const;

it("the youngest members are alive, whatever they reached", () => {
  const members = membersOf([point(0, 0.9), point(1, 0.5), point(2, 0.6)], about);
  expect(members.map(({ key, alive }) => [key, alive])).toEqual([
    ["0", false],
    ["1", true],
    ["2", true],
  ]);
});

it("where nobody dies all are alive", () => {
  expect(membersOf([point(0, 0.9), point(1, 0.5)], { ...about, size: null }).every((m) => m.alive)).toBe(
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

it("only a strategy with a population has a size", () => {
  const task = (config: object) => ({ strategy: { name: "x", config } }) as unknown as Task;
  expect([populationSize(task({ population: 20 })), populationSize(task({})), populationSize(null)]).toEqual([
    20,
    null,
    null,
  ]);
});
