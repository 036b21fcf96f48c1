// The state of a search at one step: the newest one, with work in progress, or an earlier one, from its history.
// All panels of a search page are derived from it.

import type { Command } from "../api/types";
import type { DagGraph, EdgeState } from "../dag/graph";
import { LIMITS, type LimitKey, limitedValue } from "../format/costs";
import type { Budget, Cost, Latency, Point, View, ViewCandidate } from "../live/events";
import type { Telemetry, WorkProgress } from "../live/messages";
import { changeName, changesCell } from "./changeText";
import { activeEdgesAt, budgetAt, costAt, decisionAt, evidenceAt, lockedAt, removalStep } from "./replay";
import { cutsEdges } from "./strategy";

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
  /** how a removal is called: the search cuts an edge, or replaces the cell by one without it */
  removal: "cut" | "removed";
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
  removal: "cut" | "removed";
  pendingCommand: Command | null;
}

export interface MomentCandidate {
  index: number;
  edge: string | null;
  /** what it is where it is not the cut of one edge */
  label: string | null;
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
  /** after its last step the search trains its finalists, which are the candidates; nothing can be edited */
  answering: boolean;
  /** of an abandoned branch, which cannot be edited */
  abandoned: boolean;
  /** each step of the search cuts one edge */
  cuts: boolean;
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
  /** the edge that is cut next */
  next: string | null;
  nextBecause: NextBecause | null;
  /** the index of the candidate that leads or was chosen, which need not be the cut of an edge */
  first: number | null;
}

interface Next {
  readonly edge: string | null;
  readonly because: NextBecause | null;
  readonly first: number | null;
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
  const answering = head && !over && view.phase === "answer";
  const next = head
    ? currentNext(view, telemetry, candidates, over || answering)
    : pastNext(view, now, candidates);
  const cuts = view.task === null || cutsEdges(view.task.strategy.name);
  const infeasible = new Set(candidates.filter((c) => !c.feasible).map((c) => c.edge));
  const evidence = head ? view.edges : evidenceAt(view, now);
  const pending = head && !over ? pendingByTarget(telemetry) : new Map<string, Command>();
  const still = activeEdgesByStep(view);
  const edges = view.edges.map((edge, i): MomentEdge => {
    const state: EdgeState = !activeEdges.has(edge.id)
      ? "removed"
      : edge.id === next.edge
        ? "next"
        : locked.has(edge.id)
          ? "locked"
          : infeasible.has(edge.id)
            ? "infeasible"
            : "active";
    const { tests, importance } = evidence[i] ?? { tests: 0, importance: null };
    const gone = state === "removed";
    const { id, source, target } = edge;
    const cutAt = gone ? (head ? edge.step : removalStep(view, edge, now)) : null;
    const cause = gone && cutAt === edge.step ? edge.cause : null;
    return {
      id,
      source,
      target,
      state,
      tests,
      importance,
      cutAt,
      byHand: gone && isCutByHand({ step: cutAt, cause }, (then) => then.has(id), still),
      cause,
      removal: removalWord(cause, cuts),
      pendingCommand: pending.get(id) ?? null,
    };
  });
  return {
    step: now,
    head,
    over,
    answering,
    abandoned,
    cuts,
    edges,
    nodes: momentNodes(view, head ? null : now, cuts, activeEdges, locked, pending, still),
    activeEdges,
    locked,
    cost: head ? view.cost : costAt(view, now),
    budget: head ? view.budget : budgetAt(view, now),
    candidates,
    measuring: head && !over ? (telemetry?.measuring ?? null) : null,
    next: next.edge,
    nextBecause: next.because,
    first: next.first,
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

function removalWord(cause: string | null, cuts: boolean): "cut" | "removed" {
  return cuts || cause === "person" || cause === "collapse" ? "cut" : "removed";
}

/** A node exists while an edge reaches it; the input always exists. */
function momentNodes(
  view: View,
  past: number | null,
  cuts: boolean,
  activeEdges: ReadonlySet<string>,
  locked: ReadonlySet<string>,
  pending: ReadonlyMap<string, Command>,
  still: ReturnType<typeof activeEdgesByStep>,
): MomentNode[] {
  const edges = view.edges.filter((e) => activeEdges.has(e.id));
  const feeds = new Set(edges.map((e) => e.source));
  const reached = new Set(edges.map((e) => e.target));
  return view.nodes.map((node) => {
    const { id, op, step } = node;
    const removed = op !== "input" && !reached.has(id);
    // A later removal does not explain an earlier step.
    const known = removed && (past === null || (step !== null && step <= past));
    const cause = known ? node.cause : null;
    const fed = (then: ReadonlySet<string>) => view.edges.some((e) => e.target === id && then.has(e.id));
    return {
      id,
      op,
      removed,
      leaf: !removed && op !== "input" && !feeds.has(id),
      locked: !removed && locked.has(String(id)),
      cutAt: known ? step : null,
      byHand: known && isCutByHand(node, fed, still),
      cause,
      removal: removalWord(cause, cuts),
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
    const quality = c.quality ?? bestQuality(curve, view.metric);
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
      label: c.label,
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
    label: t.label,
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

/** What is next: a pending manual cut, else the leading candidate. Before the decision candidates are ranked by quality. */
function currentNext(
  view: View,
  telemetry: Telemetry | null,
  candidates: readonly MomentCandidate[],
  last: boolean,
): Next {
  if (last) return NOTHING_NEXT;
  const locked = new Set(view.edges.filter((e) => e.locked).map((e) => e.id));
  // Pending commands are applied in order, before the search cuts.
  for (const { kind, edge, status } of telemetry?.pending ?? []) {
    if (status !== "pending" || edge === null) continue;
    if (kind === "lock") locked.add(edge);
    else if (kind === "unlock") locked.delete(edge);
    else if (kind === "remove" && !locked.has(edge))
      return { edge, because: "person", first: candidates.find((c) => c.edge === edge)?.index ?? null };
  }
  let best: MomentCandidate | null = null;
  for (const c of candidates) {
    if (c.status !== "done" || !changesCell(c) || c.edges.some((e) => locked.has(e))) continue;
    if (best === null || c.rankValue > best.rankValue) best = c;
  }
  return best ? nextOf(best.edge, "leads", best.index) : NOTHING_NEXT;
}

const NOTHING_NEXT: Next = { edge: null, because: null, first: null };

/** The reason is that of the next cut, so there is none where the next cell is not a cut. */
function nextOf(edge: string | null, because: NextBecause, first: number | null): Next {
  return { edge, because: edge === null ? null : because, first };
}

function pastNext(view: View, step: number, candidates: readonly MomentCandidate[]): Next {
  const decision = decisionAt(view, step + 1);
  if (!decision) return NOTHING_NEXT;
  // Several candidates may have one label; the score tells them apart.
  const chosen = candidates.find(
    (c) => changeName(c) === changeName(decision) && (decision.edge !== null || c.score === decision.score),
  );
  return nextOf(decision.edge, "decided", chosen?.index ?? null);
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

/** The quality so far: a training is measured by its best epoch. */
function bestQuality(curve: readonly Point[], metric: View["metric"]): number | null {
  if (curve.length === 0) return null;
  const reached = curve.map(pointQuality);
  return metric === "perplexity" ? Math.min(...reached) : Math.max(...reached);
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
