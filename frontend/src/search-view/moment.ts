// The state of a search at one step: the newest one, with work in progress, or an earlier one, from its history.
// All panels of a search page are derived from it.

import type { Command } from "../api/types";
import type { DagGraph, EdgeState } from "../dag/graph";
import { LIMITS, type LimitKey, limitedValue } from "../format/costs";
import type { Budget, Cost, Latency, Point, View, ViewCandidate } from "../live/events";
import type { Telemetry, WorkProgress } from "../live/messages";
import { activeEdgesAt, budgetAt, costAt, decisionAt, evidenceAt, lockedAt } from "./replay";

export interface MomentEdge {
  id: string;
  source: number;
  target: number;
  state: EdgeState;
  tests: number;
  importance: number | null;
  /** the step that removed it, if it is removed */
  cutAt: number | null;
  /** removed by a manual cut after its step was decided, so that step still shows it */
  byHand: boolean;
  cause: string | null;
  /** the command that applies when this step ends */
  pendingCommand: Command | null;
}

export interface MomentNode {
  id: number;
  op: string;
  removed: boolean;
  /** its output leaves the cell */
  leaf: boolean;
  locked: boolean;
  cutAt: number | null;
  /** removed by a manual cut after its step was decided, so that step still shows it */
  byHand: boolean;
  cause: string | null;
  pendingCommand: Command | null;
}

export interface MomentCandidate {
  index: number;
  edge: string | null;
  /** all edges that are removed with it, itself included */
  edges: readonly string[];
  cost: Cost;
  feasible: boolean;
  whyNot: string | null;
  status: "queued" | "running" | "done" | "error" | "skipped";
  score: number | null;
  quality: number | null;
  curve: readonly Point[];
  /** the measurement, if this round measured it */
  latency: Latency | null;
  /** the state of the measurement; null if latency is not limited */
  measurement: "waits" | "runs" | "done" | null;
  /** higher is better, for every metric */
  rankValue: number;
}

export type NextBecause = "person" | "leads" | "decided";

export interface Moment {
  step: number;
  /** the newest step is shown */
  head: boolean;
  over: boolean;
  /** of an abandoned branch, which cannot be edited */
  abandoned: boolean;
  edges: readonly MomentEdge[];
  nodes: readonly MomentNode[];
  activeEdges: ReadonlySet<string>;
  /** edges by id, nodes by number */
  locked: ReadonlySet<string>;
  cost: Cost | null;
  budget: Budget | null;
  candidates: readonly MomentCandidate[];
  /** progress of latency measurements; training starts when all are done */
  measuring: Telemetry["measuring"];
  next: string | null;
  nextBecause: NextBecause | null;
}

/** The graph of all nodes and edges that ever existed. */
export function wholeGraph(view: View): DagGraph {
  return {
    nodes: view.nodes.map(({ id, op, rank }) => ({ id, op, rank })),
    edges: view.edges.map(({ id, source, target }) => ({ id, source, target })),
  };
}

export function graphSignature(view: View): string {
  return `${view.nodes.map((n) => `${n.id}${n.op}${n.rank}`).join()} ${view.edges.map((e) => e.id).join()}`;
}

/** The moment at `step`, or the newest if null; `abandoned` if the view is of an abandoned branch. */
export function momentOf(
  view: View,
  telemetry: Telemetry | null,
  step: number | null,
  abandoned = false,
): Moment {
  const head = step === null || step >= view.step;
  const now = head ? view.step : step;
  const over = abandoned || isOver(view, telemetry);
  const activeEdges = activeEdgesAt(view, head ? null : now);
  const locked = lockedAt(view, head ? null : now);
  const candidates = head ? currentCandidates(view, telemetry) : pastCandidates(view, now);
  const [next, nextBecause] = head ? currentNext(view, telemetry, candidates, over) : pastNext(view, now);
  const infeasible = new Set(candidates.filter((c) => !c.feasible).map((c) => c.edge));
  const evidence = head ? view.edges : evidenceAt(view, now);
  const pending = head && !over ? pendingByTarget(telemetry) : new Map<string, Command>();
  const still = activeEdgesByStep(view);
  const edges = view.edges.map((edge, i): MomentEdge => {
    const state: EdgeState = !activeEdges.has(edge.id)
      ? "removed"
      : edge.id === next
        ? "next"
        : locked.has(edge.id)
          ? "locked"
          : infeasible.has(edge.id)
            ? "infeasible"
            : "active";
    const { tests, importance } = evidence[i] ?? { tests: 0, importance: null };
    const gone = state === "removed";
    const { id, source, target } = edge;
    return {
      id,
      source,
      target,
      state,
      tests,
      importance,
      cutAt: gone ? edge.step : null,
      byHand: gone && isCutByHand(edge, (then) => then.has(id), still),
      cause: gone ? edge.cause : null,
      pendingCommand: pending.get(id) ?? null,
    };
  });
  return {
    step: now,
    head,
    over,
    abandoned,
    edges,
    nodes: momentNodes(view, activeEdges, locked, pending, still),
    activeEdges,
    locked,
    cost: head ? view.cost : costAt(view, now),
    budget: head ? view.budget : budgetAt(view, now),
    candidates,
    measuring: head && !over ? (telemetry?.measuring ?? null) : null,
    next,
    nextBecause,
  };
}

/** The pending commands by edge or node; of several the last. */
function pendingByTarget(telemetry: Telemetry | null): Map<string, Command> {
  const pending = new Map<string, Command>();
  for (const command of telemetry?.pending ?? []) {
    const target = command.edge ?? (command.node === null ? null : String(command.node));
    if (command.status === "pending" && target !== null) pending.set(target, command);
  }
  return pending;
}

export function isOver(view: View, telemetry: Telemetry | null): boolean {
  if (view.status !== "running" && view.status !== "waiting") return true;
  return telemetry !== null && ["finished", "stopped", "cancelled"].includes(telemetry.status);
}

/** The active edges at a step, cached. A cut is logged before its step is decided, hence the current state for later steps. */
function activeEdgesByStep(view: View): (step: number) => ReadonlySet<string> {
  const known = new Map<number, ReadonlySet<string>>();
  return (step) => {
    const then = known.get(step) ?? activeEdgesAt(view, step > view.step ? null : step);
    known.set(step, then);
    return then;
  };
}

/** Whether a removal was caused by a manual cut, which still shows at its step, or by the search. */
function isCutByHand(
  { step, cause }: { step: number | null; cause: string | null },
  lived: (then: ReadonlySet<string>) => boolean,
  still: ReturnType<typeof activeEdgesByStep>,
): boolean {
  return cause === "person" || (cause === "collapse" && step !== null && lived(still(step)));
}

/** A node exists while an edge reaches it; the input always exists. */
function momentNodes(
  view: View,
  activeEdges: ReadonlySet<string>,
  locked: ReadonlySet<string>,
  pending: ReadonlyMap<string, Command>,
  still: ReturnType<typeof activeEdgesByStep>,
): MomentNode[] {
  const edges = view.edges.filter((e) => activeEdges.has(e.id));
  const feeds = new Set(edges.map((e) => e.source));
  const reached = new Set(edges.map((e) => e.target));
  return view.nodes.map((node) => {
    const { id, op, step, cause } = node;
    const removed = op !== "input" && !reached.has(id);
    const fed = (then: ReadonlySet<string>) => view.edges.some((e) => e.target === id && then.has(e.id));
    return {
      id,
      op,
      removed,
      leaf: !removed && op !== "input" && !feeds.has(id),
      locked: !removed && locked.has(String(id)),
      cutAt: removed ? step : null,
      byHand: removed && isCutByHand(node, fed, still),
      cause: removed ? cause : null,
      pendingCommand: pending.get(String(id)) ?? null,
    };
  });
}

/** Whether `round` is the open round according to the log; each branch counts from 0. */
function isOpenRound(view: View, round: number): boolean {
  const untold = view.candidate_count === 0 || view.log[view.log.length - 1]?.kind === "branch_opened";
  const begun = view.round === 0 && untold;
  return round === view.round + 1 || (begun && round === 0);
}

function currentCandidates(view: View, telemetry: Telemetry | null): MomentCandidate[] {
  const work = new Map(telemetry?.work.filter((w) => isOpenRound(view, w.round)).map((w) => [w.index, w]));
  const training = !telemetry?.measuring;
  return view.candidates.map((c) => {
    const doing = work.get(c.index);
    const curve = doing?.curve.length ? doing.curve : c.curve;
    const last = curve[curve.length - 1];
    const quality = c.quality ?? (last ? pointQuality(last) : null);
    const status =
      c.status === "skipped"
        ? "skipped"
        : c.status === "error"
          ? "error"
          : c.status === "ok" || (doing?.status === "done" && training)
            ? "done"
            : doing?.status === "running" && training
              ? "running"
              : "queued";
    return {
      index: c.index,
      edge: c.edge,
      edges: c.edges,
      cost: c.cost,
      feasible: c.feasible,
      whyNot: c.why_not,
      status,
      score: c.score,
      quality,
      curve,
      latency: c.latency,
      measurement: typeof view.budget?.latency === "number" ? measurementState(c, doing) : null,
      rankValue: rankValue(c.score, quality, view),
    };
  });
}

function pastCandidates(view: View, step: number): MomentCandidate[] {
  return (decisionAt(view, step + 1)?.tested ?? []).map((t, index) => ({
    index,
    edge: t.edge,
    edges: t.edge === null ? [] : [t.edge],
    cost: t.cost,
    feasible: t.feasible,
    whyNot: null,
    status: !t.feasible ? "skipped" : t.score === null ? "error" : "done",
    score: t.score,
    quality: t.quality,
    curve: [],
    latency: null,
    measurement: null,
    rankValue: rankValue(t.score, t.quality, view),
  }));
}

/** The next cut: a pending manual one, else the leading candidate. Before the decision candidates are ranked by quality. */
function currentNext(
  view: View,
  telemetry: Telemetry | null,
  candidates: readonly MomentCandidate[],
  over: boolean,
): [string | null, NextBecause | null] {
  if (over) return [null, null];
  const locked = new Set(view.edges.filter((e) => e.locked).map((e) => e.id));
  // Pending commands are applied in order, before the search cuts.
  for (const { kind, edge, status } of telemetry?.pending ?? []) {
    if (status !== "pending" || edge === null) continue;
    if (kind === "lock") locked.add(edge);
    else if (kind === "unlock") locked.delete(edge);
    else if (kind === "remove" && !locked.has(edge)) return [edge, "person"];
  }
  let best: MomentCandidate | null = null;
  for (const c of candidates) {
    if (c.status !== "done" || c.edge === null || c.edges.some((e) => locked.has(e))) continue;
    if (best === null || c.rankValue > best.rankValue) best = c;
  }
  return best ? [best.edge, "leads"] : [null, null];
}

function pastNext(view: View, step: number): [string | null, NextBecause | null] {
  const edge = decisionAt(view, step + 1)?.edge ?? null;
  return [edge, edge ? "decided" : null];
}

function rankValue(score: number | null, quality: number | null, { metric }: View): number {
  if (score !== null) return score;
  if (quality === null) return Number.NEGATIVE_INFINITY;
  return metric === "perplexity" ? -quality : quality;
}

function measurementState(
  { cost }: ViewCandidate,
  doing: WorkProgress | undefined,
): MomentCandidate["measurement"] {
  if (cost.latency !== null || doing?.status === "done") return "done";
  return doing?.status === "running" ? "runs" : "waits";
}

/** An epoch's quality: accuracy for images, perplexity for text. */
export function pointQuality(point: Pick<Point, "val_accuracy" | "val_loss">): number {
  return point.val_accuracy ?? Math.exp(point.val_loss);
}

/** Finished candidates first, best first; then running, queued, failed and skipped ones. */
export function rankCandidates(candidates: readonly MomentCandidate[]): MomentCandidate[] {
  const rank = { done: 0, running: 1, queued: 2, error: 3, skipped: 4 };
  return [...candidates].sort(
    (a, b) => rank[a.status] - rank[b.status] || b.rankValue - a.rankValue || a.index - b.index,
  );
}

/** The limits of a budget that a cost exceeds. */
export function exceededLimits(cost: Cost, budget: Budget): LimitKey[] {
  return LIMITS.map((c) => c.key).filter((key) => {
    const limit = budget[key];
    return typeof limit === "number" && (limitedValue(cost, key) ?? 0) > limit;
  });
}
