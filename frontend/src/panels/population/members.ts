// The members of a population, from the candidates that were measured.
import type { Member } from "../../charts/PopulationChart";
import { paretoFront } from "../../charts/paretoFront";
import type { CandidatePoint } from "../../live/candidatePoints";
import type { Task } from "../../live/events";
import type { Metric } from "../../live/view";

interface About {
  readonly metric: Metric;
  /** how many are alive; null: nobody dies */
  readonly size: number | null;
}

/** How many members are alive at once, if the strategy has such a setting. */
export function populationSize(task: Task | null): number | null {
  const size = (task?.strategy.config as { population?: unknown } | undefined)?.population;
  return typeof size === "number" ? size : null;
}

/** Oldest first. The youngest are alive. Ids are unique along a line, as branches go on counting. */
export function membersOf(points: readonly CandidatePoint[], { metric, size }: About): Member[] {
  const trained = points.flatMap((point) =>
    point.quality === null ? [] : [{ point, quality: point.quality }],
  );
  const places = trained.map(({ point, quality }) => ({ id: String(point.id), x: point.macs, y: quality }));
  const front = new Set(paretoFront(places, metric === "perplexity"));
  const oldest = size === null ? 0 : trained.length - size;
  return trained.map(({ point, quality }, index) => ({
    key: String(point.id),
    step: point.step,
    quality,
    alive: index >= oldest,
    onFront: front.has(String(point.id)),
    parents: point.parents.map(String),
  }));
}
