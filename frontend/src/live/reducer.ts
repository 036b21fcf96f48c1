// The fold of a search's log: (view, event) -> view. It may start at any event that is self-contained.
import {
  isUnmeasured,
  measuredCandidates,
  NO_CANDIDATES,
  proposedCandidates,
  timedCandidates,
  withLatency,
} from "./candidatesView";
import { afterStep, drawsSince, withProposal } from "./draws";
import type { Answer, Best, EventKind, Payloads, SearchEvent, SearchStarted, Snapshot } from "./events";
import {
  editedParts,
  lockedEdges,
  lockedNodes,
  partsOfRows,
  partsOfSnapshot,
  withEvidence,
} from "./graphView";
import { logLine } from "./log";
import type { View } from "./view";

const LOG_LENGTH = 100;

/** Kinds that need no earlier event. */
const SELF_CONTAINED: ReadonlySet<EventKind> = new Set(["search_started", "snapshot", "branch_opened"]);

export function isSelfContained({ kind }: SearchEvent): boolean {
  return SELF_CONTAINED.has(kind);
}

export function emptyView(): View {
  return {
    seq: 0,
    branch: 0,
    round: 0,
    task: null,
    macro: null,
    metric: "accuracy",
    objectives: [],
    status: "waiting",
    why: "",
    step: 0,
    phase: null,
    start: null,
    ends: { smallest: null, largest: null },
    cost: null,
    over: [],
    budget: null,
    weight: null,
    nodes: [],
    edges: [],
    candidates: NO_CANDIDATES,
    draws: drawsSince(0),
    trained: 0,
    best: null,
    answer: null,
    log: [],
  };
}

/** The view after one event. An event that was already applied changes nothing. */
export function apply(view: View, event: SearchEvent): View {
  if (event.seq <= view.seq) return view;
  const line = logLine(event, view);
  return {
    ...view,
    seq: event.seq,
    branch: event.branch,
    round: event.round,
    ...change(view, event),
    ...(line && { log: [...view.log, line].slice(-LOG_LENGTH) }),
  };
}

function change(view: View, event: SearchEvent): Partial<View> {
  switch (event.kind) {
    case "search_started":
      return started(event.payload);
    case "snapshot":
      return resumed(event.payload);
    case "branch_opened":
      return resumed(event.payload.snapshot);
    case "candidates_proposed": {
      const { phase, cost, over } = event.payload;
      const draws = withProposal(view.draws, event.payload, isUnmeasured(view.candidates));
      return { phase, draws, cost, over, candidates: proposedCandidates(event.payload) };
    }
    case "candidates_timed":
      return candidatesTimed(view, event.payload);
    case "candidates_measured": {
      const { ok, failed } = event.payload;
      return {
        candidates: measuredCandidates(view.candidates, event.payload),
        trained: view.trained + ok + failed,
      };
    }
    case "evidence_updated":
      return { edges: withEvidence(view.edges, event.payload.edges) };
    case "step_decided": {
      const { step, cost, over } = event.payload;
      return { step, cost, over, candidates: NO_CANDIDATES, draws: afterStep(view.draws) };
    }
    case "graph_edited":
      return { ...editedParts(view, event.payload), cost: event.payload.cost, over: event.payload.over };
    case "answer_changed":
      return { best: event.payload.best };
    case "edge_locked":
      return { edges: lockedEdges(view.edges, event.payload.edge, true) };
    case "edge_unlocked":
      return { edges: lockedEdges(view.edges, event.payload.edge, false) };
    case "node_locked":
      return { nodes: lockedNodes(view.nodes, event.payload.node, true) };
    case "node_unlocked":
      return { nodes: lockedNodes(view.nodes, event.payload.node, false) };
    case "budget_changed": {
      const { budget, cost, over } = event.payload;
      return { budget, cost, over };
    }
    case "weight_changed":
      return { weight: event.payload.weight };
    case "search_finished": {
      const { status, why, best: answer } = event.payload;
      const draws = afterStep(view.draws);
      return { status, why, answer, best: answer && bestOf(answer), candidates: NO_CANDIDATES, draws };
    }
    case "command_applied":
    case "command_refused":
      return {};
    default:
      return unknownKind(event);
  }
}

/** A newer server may send kinds that this page does not know; the `never` makes the compiler check all known ones. */
function unknownKind(_event: never): Partial<View> {
  return {};
}

function started(p: SearchStarted): Partial<View> {
  const { task, macro, metric, objectives, cost, ends, over, graph } = p;
  return {
    ...emptyState(),
    ...{ task, macro, metric, objectives, cost, ends, over },
    ...partsOfRows(graph),
    status: "running",
    start: cost,
    budget: task.budget,
    weight: task.objective.cost_weight,
  };
}

/** A snapshot holds the whole state, and stands between two steps. */
function resumed(p: Snapshot): Partial<View> {
  const { task, macro, metric, objectives, start, ends, status, why, step, phase } = p;
  const { cost, over, budget, weight, trained, best, answer } = p;
  return {
    ...emptyState(),
    ...{ task, macro, metric, objectives, start, ends, status, why, step, phase },
    ...{ cost, over, budget, weight, trained, best, answer },
    draws: drawsSince(step),
    ...partsOfSnapshot(p),
  };
}

/** All of a view but its place in the log and its newest lines. */
function emptyState(): Partial<View> {
  const { seq, branch, round, log, ...state } = emptyView();
  return state;
}

function candidatesTimed(view: View, p: Payloads["candidates_timed"]): Partial<View> {
  const { smallest } = view.ends;
  return {
    phase: p.phase,
    candidates: timedCandidates(view.candidates, p),
    cost: view.cost && withLatency(view.cost, p.present),
    // a round that did not measure the smallest graph leaves what an earlier one found
    ends: { ...view.ends, smallest: smallest && p.smallest ? withLatency(smallest, p.smallest) : smallest },
    over: p.over,
  };
}

function bestOf({ graph: _, values: __, ...best }: Answer): Best {
  return best;
}
