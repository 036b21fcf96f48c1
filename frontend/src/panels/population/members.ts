// The members of a population, from the candidates that were measured.
import type { Member } from "../../charts/PopulationChart";
import { paretoFront } from "../../charts/paretoFront";
import { isLowerBetter } from "../../format/metrics";
import type { QualityMetric } from "../../format/numbers";
import { type CandidatePoint, fits } from "../../live/candidatePoints";
import type { Budget, Task } from "../../live/events";

/** Who stays in a population of limited size: ZiCo's evolution keeps the best, regularized evolution the youngest. */
export interface Survival {
  readonly size: number;
  readonly keeps: "best" | "youngest";
}

export interface PopulationMember extends Member {
  readonly macs: number;
}

interface About {
  readonly metric: QualityMetric;
  /** null: nobody dies */
  readonly survival: Survival | null;
  readonly budget: Budget | null;
}

/** Null if the strategy has no population. */
export function survivalOf(task: Task | null): Survival | null {
  const size = (task?.strategy.config as { population?: unknown } | undefined)?.population;
  if (typeof size !== "number") return null;
  return { size, keeps: task?.strategy.name === "zico" ? "best" : "youngest" };
}

/** Oldest first. Ids are unique along a line, as branches go on counting. */
export function membersOf(points: readonly CandidatePoint[], about: About): PopulationMember[] {
  const measured = points.flatMap((point) =>
    point.quality === null ? [] : [{ point, quality: point.quality }],
  );
  const places = measured.map(({ point, quality }) => ({ id: String(point.id), x: point.macs, y: quality }));
  const front = new Set(paretoFront(places, isLowerBetter(about.metric)));
  const survivors = survivorsOf(
    measured.map(({ point }) => point),
    about,
  );
  return measured.map(({ point, quality }) => ({
    key: String(point.id),
    step: point.step,
    quality,
    macs: point.macs,
    alive: survivors.has(point),
    onFront: front.has(String(point.id)),
    parents: point.parents.map(String),
  }));
}

/** What does not fit the limits any more leaves the population when they change. */
function survivorsOf(points: readonly CandidatePoint[], { survival, budget }: About): Set<CandidatePoint> {
  if (survival === null) return new Set(points);
  const fitting = points.filter((point) => fits(point, budget));
  const score = ({ score: own }: CandidatePoint) => own ?? Number.NEGATIVE_INFINITY;
  // Sorting keeps the order of equals, of which the oldest goes first.
  const ranked = survival.keeps === "best" ? [...fitting].sort((a, b) => score(a) - score(b)) : fitting;
  return new Set(ranked.slice(-survival.size));
}
