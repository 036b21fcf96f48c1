// The state of a search at one step: the newest one, with work in progress, or an earlier one. All panels of a search page
// are derived from it.
import type { DagGraph } from "../dag/graph";
import type { Budget, Cost, NodeRow } from "../live/events";
import type { Step } from "../live/history";
import type { Telemetry } from "../live/messages";
import type { Parts, View } from "../live/view";
import { changesCell } from "./changeText";
import { type MomentCandidate, momentCandidates } from "./momentCandidates";
import { decidedNext, type NextBecause, NOTHING_NEXT, openNext } from "./momentNext";
import { type MomentEdge, type MomentNode, momentEdges, momentNodes, pendingByTarget } from "./momentParts";

export interface Moment {
  step: number;
  /** the last step of its branch is shown */
  head: boolean;
  over: boolean;
  /** the answer of a search that has ended, which need not be the cell of a step */
  isAnswer: boolean;
  /** the candidates are the finalists */
  finalists: boolean;
  /** after its last step the search trains its finalists; nothing can be edited */
  answering: boolean;
  /** of a branch that was left, which cannot be edited */
  abandoned: boolean;
  /** the search tests the cut of single edges */
  cuts: boolean;
  edges: readonly MomentEdge[];
  nodes: readonly MomentNode[];
  activeEdges: ReadonlySet<string>;
  /** edges by id, nodes by number */
  locked: ReadonlySet<string>;
  cost: Cost | null;
  budget: Budget | null;
  /** those that the log shows */
  candidates: readonly MomentCandidate[];
  /** of all */
  candidateCount: number;
  feasibleCount: number;
  /** those of all whose results are in the log */
  measuredCount: number;
  /** progress of latency measurements; training starts when all are done */
  measuring: Telemetry["measuring"];
  /** the edge that is cut next */
  next: string | null;
  nextBecause: NextBecause | null;
  /** the id of the candidate that leads or was chosen, which need not be the cut of an edge */
  first: number | null;
  /** that was taken at this moment; null if it is the last of its branch */
  decision: Step | null;
}

/**
 * The moment of a view. `decision`: that which was taken then, null at the end of a branch; `telemetry`: of the newest
 * moment; `ended`: the view is from before the end of a search, or of a branch that was left.
 */
export function momentOf(
  view: View,
  decision: Step | null,
  telemetry: Telemetry | null,
  ended: "over" | "left" | null = null,
): Moment {
  const head = decision === null;
  const over = ended !== null || isOver(view, telemetry);
  const finalists = head && view.phase === "answer" && view.candidates.count > 0;
  const answering = head && !over && view.phase === "answer";
  const present = head && !over ? telemetry : null;
  const candidates = momentCandidates(view, telemetry);
  const pending = present?.pending ?? [];
  const next = decision
    ? decidedNext(decision)
    : over || answering
      ? NOTHING_NEXT
      : openNext(view, pending, candidates);
  const cuts = testsEdges(view, candidates);
  const about = { next: next.edge, cuts, pending: pendingByTarget(pending) };
  const active = view.edges.filter(({ state }) => state === "active");
  const locked = [...view.edges, ...view.nodes].filter((part) => part.locked);
  return {
    step: view.step,
    head,
    over,
    isAnswer: over && head && view.answer !== null,
    finalists,
    answering,
    abandoned: ended === "left",
    cuts,
    edges: momentEdges(view, candidates, about),
    nodes: momentNodes(view, about),
    activeEdges: new Set(active.map(({ id }) => id)),
    locked: new Set(locked.map(({ id }) => String(id))),
    cost: view.cost,
    budget: view.budget,
    candidates,
    candidateCount: view.candidates.count,
    feasibleCount: view.candidates.feasible,
    measuredCount: view.candidates.measured,
    measuring: present?.measuring ?? null,
    next: next.edge,
    nextBecause: next.because,
    first: next.first,
    decision,
  };
}

export function isOver(view: View, telemetry: Telemetry | null): boolean {
  if (view.status !== "running" && view.status !== "waiting") return true;
  return telemetry !== null && ["finished", "stopped", "cancelled"].includes(telemetry.status);
}

/** Whether edges were tested, or all candidates are cuts of one edge. Other searches compare whole cells. */
function testsEdges({ edges }: View, candidates: readonly MomentCandidate[]): boolean {
  if (edges.some(({ tests }) => tests > 0)) return true;
  const changes = candidates.filter(changesCell);
  return changes.length > 0 && changes.every(({ edge }) => edge !== null);
}

/** Nodes alone: all that the drawing of a chain needs. */
export function graphOfNodes(rows: readonly NodeRow[]): DagGraph {
  return {
    nodes: rows.map(([id, op, rank, attrs = {}, cell = 0]) => ({ id, op, rank, attrs, cell })),
    edges: [],
  };
}

/** The graph of all nodes and edges that ever existed. */
export function wholeGraph({ nodes, edges }: Parts): DagGraph {
  return {
    nodes: nodes.map(({ id, op, rank, attrs, cell }) => ({ id, op, rank, attrs, cell })),
    edges: edges.map(({ id, source, target }) => ({ id, source, target })),
  };
}
