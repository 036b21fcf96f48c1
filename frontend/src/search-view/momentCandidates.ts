// The candidates of a moment: those that the log shows, with the progress of their trainings and measurements.
import type { CurvePoint } from "../api/types";
import { LIMITS, type LimitKey, limitedValue } from "../format/costs";
import { isLowerBetter } from "../format/metrics";
import type { QualityMetric } from "../format/numbers";
import { cutEdge, goneEdges, nodeChanges } from "../live/edits";
import type { Budget, Cost, Edits, Latency } from "../live/events";
import type { Telemetry, WorkProgress } from "../live/messages";
import type { NodeChange, View, ViewCandidate } from "../live/view";
import { candidateMetric } from "./candidateMetric";

export interface MomentCandidate {
  id: number;
  edits: Edits;
  /** what they make of the present nodes */
  changes: readonly NodeChange[];
  /** the edge, if it is the cut of one */
  edge: string | null;
  /** what it is where it is not the cut of one edge */
  label: string | null;
  /** all edges that are removed with it */
  gone: readonly string[];
  cost: Cost;
  feasible: boolean;
  whyNot: string | null;
  status: "queued" | "running" | "done" | "error" | "skipped";
  score: number | null;
  quality: number | null;
  curve: readonly CurvePoint[];
  /** the measurement, if this round measured it */
  latency: Latency | null;
  /** the state of the measurement; null if latency is not limited */
  measurement: "waits" | "runs" | "done" | null;
  /** higher is better, for every metric */
  rankValue: number;
}

/** Without telemetry, as at an earlier step, all that is known of them is in the log. */
export function momentCandidates(view: View, telemetry: Telemetry | null): MomentCandidate[] {
  const work = workByCandidate(view, telemetry);
  const training = !telemetry?.measuring;
  const metric = candidateMetric(view);
  return view.candidates.shown.map((c) => {
    const doing = work.get(c.id);
    const curve = doing?.curve ?? [];
    const quality = c.quality ?? bestQuality(curve, metric);
    return {
      id: c.id,
      edits: c.edits,
      changes: nodeChanges(c.edits, view.nodes),
      edge: cutEdge(c.edits),
      label: c.label,
      gone: goneEdges(c.edits),
      cost: c.cost,
      feasible: c.feasible,
      whyNot: c.why_not,
      status: statusOf(c, training ? doing : undefined),
      score: c.score,
      quality,
      curve,
      latency: c.latency,
      measurement: typeof view.budget?.latency === "number" ? measurementState(c, doing) : null,
      rankValue: rankValue(c.score, quality, metric),
    };
  });
}

/** How many candidates of the moment were tested, as far as is known. */
export function countTested(candidates: readonly MomentCandidate[]): number {
  return candidates.filter(({ status }) => status === "done" || status === "error").length;
}

/** An epoch's quality: accuracy for images, perplexity for text. */
export function pointQuality(point: Pick<CurvePoint, "val_accuracy" | "val_loss">): number {
  return point.val_accuracy ?? Math.exp(point.val_loss);
}

/** Whether its result is known: scores are told at the end of a round. */
export function isRanked({ rankValue: value }: Pick<MomentCandidate, "rankValue">): boolean {
  return value !== Number.NEGATIVE_INFINITY;
}

/** Finished candidates first, best first; then running, queued, failed and skipped ones. */
export function rankCandidates(candidates: readonly MomentCandidate[]): MomentCandidate[] {
  const rank = { done: 0, running: 1, queued: 2, error: 3, skipped: 4 };
  return [...candidates].sort(
    (a, b) => rank[a.status] - rank[b.status] || b.rankValue - a.rankValue || a.id - b.id,
  );
}

/** The limits of a budget that a cost exceeds. */
export function exceededLimits(cost: Cost, budget: Budget): LimitKey[] {
  return LIMITS.map((c) => c.key).filter((key) => {
    const limit = budget[key];
    return typeof limit === "number" && (limitedValue(cost, key) ?? 0) > limit;
  });
}

function workByCandidate(view: View, telemetry: Telemetry | null): Map<number, WorkProgress> {
  const open = telemetry?.work.filter(({ round }) => isOpenRound(view, round)) ?? [];
  return new Map(open.flatMap((work) => work.about.map((id) => [id, work] as const)));
}

/** Whether `round` is the open round according to the log; each branch counts from 0. */
function isOpenRound(view: View, round: number): boolean {
  const untold = view.trained === 0 || view.log[view.log.length - 1]?.kind === "branch_opened";
  const begun = view.round === 0 && untold;
  return round === view.round + 1 || (begun && round === 0);
}

function statusOf(candidate: ViewCandidate, training: WorkProgress | undefined): MomentCandidate["status"] {
  switch (candidate.status) {
    case "skipped":
    case "error":
      return candidate.status;
    case "ok":
      return "done";
    case "waiting":
      return training?.status ?? "queued";
  }
}

function measurementState(
  { cost }: ViewCandidate,
  doing: WorkProgress | undefined,
): MomentCandidate["measurement"] {
  if (cost.latency !== null || doing?.status === "done") return "done";
  return doing?.status === "running" ? "runs" : "waits";
}

function rankValue(score: number | null, quality: number | null, metric: QualityMetric): number {
  if (score !== null) return score;
  if (quality === null) return Number.NEGATIVE_INFINITY;
  return isLowerBetter(metric) ? -quality : quality;
}

/** The quality so far: a training is measured by its best epoch. */
function bestQuality(curve: readonly CurvePoint[], metric: QualityMetric): number | null {
  if (curve.length === 0) return null;
  const reached = curve.map(pointQuality);
  return isLowerBetter(metric) ? Math.min(...reached) : Math.max(...reached);
}
