// What is true of a search at one step: now, with what runs at this minute, or then, read back from its history.
// Everything on the page draws from this one value.

import type { DagGraph, EdgeState } from "../../dag/graph";
import { COSTS, type CostKey, costOf } from "../../format";
import type { Budget, Cost, Point, View } from "../../live/events";
import type { Beside } from "../../live/messages";
import { withEvidence } from "../../live/reducer";

export interface MomentEdge {
  id: string;
  source: number;
  target: number;
  state: EdgeState;
  tests: number;
  fitness: number | null;
  /** the step that cut it, if it is gone by now */
  cutAt: number | null;
  cause: string | null;
}

export interface MomentCandidate {
  index: number;
  edge: string | null;
  /** everything that goes with the edge */
  edges: readonly string[];
  cost: Cost;
  feasible: boolean;
  whyNot: string | null;
  status: "queued" | "running" | "done" | "error" | "skipped";
  score: number | null;
  quality: number | null;
  curve: readonly Point[];
}

export type NextBecause = "person" | "leads" | "decided";

export interface Moment {
  step: number;
  /** the newest moment there is */
  head: boolean;
  over: boolean;
  edges: readonly MomentEdge[];
  nodes: readonly { id: number; op: string; removed: boolean; leaf: boolean }[];
  living: ReadonlySet<string>;
  locked: ReadonlySet<string>;
  cost: Cost | null;
  budget: Budget | null;
  candidates: readonly MomentCandidate[];
  next: string | null;
  nextBecause: NextBecause | null;
}

/** The whole graph there ever was; the same object for as long as nothing was added. */
export function wholeGraph(view: View): DagGraph {
  return {
    nodes: view.nodes.map(({ id, op, rank }) => ({ id, op, rank })),
    edges: view.edges.map(({ id, source, target }) => ({ id, source, target })),
  };
}

export function signature(view: View): string {
  return `${view.nodes.map((n) => `${n.id}${n.op}${n.rank}`).join()} ${view.edges.map((e) => e.id).join()}`;
}

/** The moment at `step`, or the newest where it is null. */
export function momentOf(view: View, beside: Beside | null, step: number | null): Moment {
  const head = step === null || step >= view.step;
  const now = head ? view.step : step;
  const over = isOver(view, beside);
  const living = livingAt(view, head ? null : now);
  const locked = head ? new Set(view.edges.filter((e) => e.locked).map((e) => e.id)) : lockedAt(view, now);
  const candidates = head ? candidatesNow(view, beside) : candidatesThen(view, now);
  const [next, nextBecause] = head ? nextNow(view, beside, candidates, over) : nextThen(view, now);
  const infeasible = new Set(candidates.filter((c) => !c.feasible).map((c) => c.edge));
  const evidence = head ? view.edges : evidenceAt(view, now);
  const edges = view.edges.map((edge, i): MomentEdge => {
    const state: EdgeState = !living.has(edge.id)
      ? "removed"
      : edge.id === next
        ? "next"
        : locked.has(edge.id)
          ? "locked"
          : infeasible.has(edge.id)
            ? "infeasible"
            : "active";
    const { tests, fitness } = evidence[i] ?? { tests: 0, fitness: null };
    const gone = state === "removed";
    const { id, source, target } = edge;
    return {
      id,
      source,
      target,
      state,
      tests,
      fitness,
      cutAt: gone ? edge.step : null,
      cause: gone ? edge.cause : null,
    };
  });
  return {
    step: now,
    head,
    over,
    edges,
    nodes: nodesOf(view, living, head ? null : now),
    living,
    locked,
    cost: head || now === view.step ? view.cost : costAt(view, now),
    budget: view.task?.budget ?? null,
    candidates,
    next,
    nextBecause,
  };
}

export function isOver(view: View, beside: Beside | null): boolean {
  if (view.status !== "running" && view.status !== "waiting") return true;
  return beside !== null && ["finished", "stopped", "cancelled"].includes(beside.status);
}

export function costAt(view: View, step: number): Cost | null {
  return step === 0 ? view.dense : (view.history[step - 1]?.cost ?? null);
}

/** Edges that live after `step` decisions; now where it is null. */
export function livingAt(view: View, step: number | null): Set<string> {
  const lives = (e: View["edges"][number]) =>
    e.state === "active" || (step !== null && e.step !== null && e.step > step);
  return new Set(view.edges.filter(lives).map((e) => e.id));
}

/** What a person held when `step` decisions had been made, from the log of locks. */
function lockedAt(view: View, step: number): Set<string> {
  const held = new Set<string>();
  for (const line of view.log) {
    if (line.kind === "step_decided" && (line.step ?? 0) > step) break;
    if (line.edge === null) continue;
    if (line.kind === "edge_locked") held.add(line.edge);
    if (line.kind === "edge_unlocked") held.delete(line.edge);
  }
  return held;
}

function evidenceAt(view: View, step: number) {
  const fresh = view.edges.map(({ id }) => ({ id, tests: 0, gap_sum: 0, fitness: null as number | null }));
  return view.history.slice(0, step).reduce((edges, decided) => withEvidence(edges, decided.tested), fresh);
}

function nodesOf(view: View, living: ReadonlySet<string>, step: number | null) {
  const feeds = new Set(view.edges.filter((e) => living.has(e.id)).map((e) => e.source));
  return view.nodes.map((node) => {
    const removed = node.state === "removed" && (step === null || node.step === null || node.step <= step);
    return {
      id: node.id,
      op: node.op,
      removed,
      leaf: !removed && node.op !== "input" && !feeds.has(node.id),
    };
  });
}

function candidatesNow(view: View, beside: Beside | null): MomentCandidate[] {
  const round = view.candidate_count === 0 ? 0 : view.round + 1;
  const work = new Map(beside?.work.filter((w) => w.round === round).map((w) => [w.index, w]));
  return view.candidates.map((c) => {
    const doing = work.get(c.index);
    const curve = doing?.curve.length ? doing.curve : c.curve;
    const status =
      c.status === "skipped"
        ? "skipped"
        : c.status === "error"
          ? "error"
          : c.status === "ok" || doing?.status === "done"
            ? "done"
            : doing?.status === "running"
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
      quality: c.quality ?? curve[curve.length - 1]?.val_accuracy ?? null,
      curve,
    };
  });
}

function candidatesThen(view: View, step: number): MomentCandidate[] {
  return (view.history[step]?.tested ?? []).map((t, index) => ({
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
  }));
}

/** A person's own cut comes first; else whoever leads. Scores come with the decision, so until then accuracy leads. */
function nextNow(
  view: View,
  beside: Beside | null,
  candidates: readonly MomentCandidate[],
  over: boolean,
): [string | null, NextBecause | null] {
  if (over) return [null, null];
  const asked = beside?.pending.find((c) => c.kind === "remove" && c.status === "pending")?.edge;
  if (asked) return [asked, "person"];
  const held = new Set(view.edges.filter((e) => e.locked).map((e) => e.id));
  let best: MomentCandidate | null = null;
  for (const c of candidates) {
    if (c.status !== "done" || c.edge === null || held.has(c.edge)) continue;
    if (best === null || worth(c) > worth(best)) best = c;
  }
  return best ? [best.edge, "leads"] : [null, null];
}

function nextThen(view: View, step: number): [string | null, NextBecause | null] {
  const edge = view.history[step]?.edge ?? null;
  return [edge, edge ? "decided" : null];
}

export function worth(c: Pick<MomentCandidate, "score" | "quality">): number {
  return c.score ?? c.quality ?? Number.NEGATIVE_INFINITY;
}

/** Done first, best first; then what runs, what waits, what will not be tested. */
export function bestFirst(candidates: readonly MomentCandidate[]): MomentCandidate[] {
  const rank = { done: 0, running: 1, queued: 2, error: 3, skipped: 4 };
  return [...candidates].sort(
    (a, b) => rank[a.status] - rank[b.status] || worth(b) - worth(a) || a.index - b.index,
  );
}

/** Limits of a budget that a cost breaks. */
export function broken(cost: Cost, budget: Budget): CostKey[] {
  return COSTS.map((c) => c.key).filter((key) => {
    const limit = budget[key];
    return limit !== null && costOf(cost, key) > limit;
  });
}
