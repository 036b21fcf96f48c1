// The reducer that builds the view from the log: (view, event) -> view. Must match search/log/view.py; tests compare both over
// every golden stream. Removed parts stay as a state, so that nothing moves and any earlier step can be shown.
import * as branches from "./branches";
import type {
  Cost,
  EventKind,
  Latency,
  LogLine,
  Payloads,
  SearchEvent,
  Timed,
  View,
  ViewCandidate,
  ViewEdge,
  ViewNode,
} from "./events";

const VERSION = 1;
const LOG_LENGTH = 200;

export function emptyView(): View {
  return {
    v: VERSION,
    seq: 0,
    branch: 0,
    round: 0,
    status: "waiting",
    why: "",
    task: null,
    budget: null,
    weight: null,
    macro: null,
    metric: "accuracy",
    phase: null,
    step: 0,
    cost: null,
    dense: null,
    smallest: null,
    over: [],
    nodes: [],
    edges: [],
    candidates: [],
    refused: [],
    history: [],
    best: null,
    candidate_count: 0,
    branches: [],
    log: [],
  };
}

/** The view after one event. An event that was already applied changes nothing. */
export function apply(view: View, event: SearchEvent): View {
  if (event.seq <= view.seq) return view;
  const line = logLine(event);
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
      return searchStarted(event);
    case "candidates_proposed":
      return candidatesProposed(view, event.payload);
    case "candidates_timed":
      return candidatesTimed(view, event.payload);
    case "candidate_scored":
      return candidateScored(view, event.payload);
    case "step_decided":
      return stepDecided(view, event.payload);
    case "edge_removed": {
      const { edge, step, cause } = event.payload;
      return changeEdge(view, edge, { state: "removed", locked: false, step, cause });
    }
    case "edge_added": {
      const { edge, source, target } = event.payload;
      if (view.edges.some((e) => e.id === edge)) {
        return changeEdge(view, edge, { state: "active", step: null, cause: null });
      }
      return { edges: [...view.edges, newEdge(edge, source, target)] };
    }
    case "node_removed": {
      const { node, step, cause } = event.payload;
      return changeNode(view, node, { state: "removed", locked: false, step, cause });
    }
    case "node_added":
      return nodeAdded(view, event.payload);
    case "op_changed":
      return changeNode(view, event.payload.node, { op: event.payload.op });
    case "edge_locked":
      return changeEdge(view, event.payload.edge, { locked: true });
    case "edge_unlocked":
      return changeEdge(view, event.payload.edge, { locked: false });
    case "node_locked":
      return changeNode(view, event.payload.node, { locked: true });
    case "node_unlocked":
      return changeNode(view, event.payload.node, { locked: false });
    case "budget_changed":
      return { budget: event.payload.budget, over: event.payload.over };
    case "weight_changed":
      return { weight: event.payload.weight };
    case "branch_opened":
      return branchOpened(view, event.seq, event.payload);
    case "search_finished": {
      const { status, why, best } = event.payload;
      const best_quality = best?.quality ?? null;
      return {
        status,
        why,
        best,
        candidates: [],
        refused: [],
        branches: branches.updateLiveBranch(view, { best_quality }),
      };
    }
    case "node_widened":
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

type Event<K extends EventKind> = Extract<SearchEvent, { kind: K }>;

function searchStarted(event: Event<"search_started">): Partial<View> {
  const p = event.payload;
  return {
    status: "running",
    task: p.task,
    budget: p.task.budget,
    weight: p.task.objective.cost_weight,
    macro: p.macro,
    metric: p.metric,
    cost: p.cost,
    dense: p.cost,
    smallest: p.smallest,
    over: p.over,
    nodes: p.graph.nodes.map((node) => newNode(node.id, node.op, node.rank)),
    edges: p.graph.edges.map((edge) => newEdge(edge.id, edge.source, edge.target)),
    branches: branches.firstBranch(event, p),
  };
}

function candidatesProposed(view: View, p: Payloads["candidates_proposed"]): Partial<View> {
  const candidates = p.candidates.map((candidate) => ({
    ...candidate,
    latency: null,
    status: candidate.feasible ? "waiting" : "skipped",
    code: null,
    quality: null,
    score: null,
    curve: [],
  }));
  const { phase, refused, cost, over } = p;
  const edges = view.edges.filter((edge) => edge.state === "active").length;
  return {
    phase,
    candidates,
    refused,
    cost,
    over,
    branches: branches.updateLiveBranch(view, { edges, cost }),
  };
}

function candidatesTimed(view: View, p: Payloads["candidates_timed"]): Partial<View> {
  const known = new Map(p.timed.map((one) => [one.index, one]));
  const candidates = view.candidates.map((candidate) => {
    const one = known.get(candidate.index);
    return one ? timed(candidate, one) : candidate;
  });
  const cost = view.cost && withLatency(view.cost, p.present);
  return {
    phase: p.phase,
    candidates,
    cost,
    smallest: view.smallest && withLatency(view.smallest, p.smallest),
    over: p.over,
    branches: branches.updateLiveBranch(view, cost ? { cost } : {}),
  };
}

function timed(candidate: ViewCandidate, { latency, code, feasible, why_not }: Timed): ViewCandidate {
  return {
    ...candidate,
    cost: withLatency(candidate.cost, latency),
    latency,
    code,
    feasible,
    why_not,
    status: feasible ? "waiting" : "skipped",
  };
}

function withLatency(cost: Cost, latency: Latency | null): Cost {
  return latency === null ? cost : { ...cost, latency: latency.median };
}

function candidateScored(view: View, p: Payloads["candidate_scored"]): Partial<View> {
  const { status, code, quality, score, curve } = p;
  return {
    candidates: view.candidates.map((c) =>
      c.index === p.index ? { ...c, status, code, quality, score, curve } : c,
    ),
    candidate_count: view.candidate_count + 1,
  };
}

function stepDecided(view: View, p: Payloads["step_decided"]): Partial<View> {
  const { step, phase, edge, label, score, quality, cost, fits, edges, margin } = p;
  const tested = view.candidates.map((c) => ({
    edge: c.edge,
    label: c.label,
    score: c.score,
    quality: c.quality,
    cost: c.cost,
    feasible: c.feasible,
  }));
  const gone = view.edges.filter((e) => e.state === "removed").map((e) => e.id);
  const decided = { step, phase, edge, label, score, quality, cost, fits, edges, margin, gone, tested };
  const best_quality = branches.bestQuality(view, fits && phase === "choice" ? quality : null);
  return {
    step,
    cost,
    over: p.over,
    history: [...view.history, decided],
    edges: withEvidence(view.edges, view.candidates),
    branches: branches.updateLiveBranch(view, { steps: step, edges, cost, best_quality }),
  };
}

/** The event holds the whole state; evidence is recomputed from the steps of the new branch. */
function branchOpened(view: View, seq: number, p: Payloads["branch_opened"]): Partial<View> {
  const history = branches.historyUpTo(view, p);
  const edges = p.edges.map((edge) => {
    const [source = 0, target = 0] = edge.id.split("-").map(Number);
    return { ...newEdge(edge.id, source, target), ...edge };
  });
  const { phase, step, cost, over, budget, weight, nodes } = p;
  return {
    status: "running",
    why: "",
    phase,
    step,
    cost,
    over,
    budget,
    weight,
    nodes,
    edges: history.reduce((known, decided) => withEvidence(known, decided.tested), edges),
    candidates: [],
    refused: [],
    history,
    best: null,
    branches: branches.openBranch(view, seq, p),
  };
}

export interface Evidence {
  tests: number;
  gap_sum: number;
  importance: number | null;
}

/** Adds a round's evidence: how much worse than the round's mean it is to cut each edge; above 0 is worth keeping. */
export function withEvidence<E extends Evidence & { id: string }>(
  edges: readonly E[],
  candidates: readonly Pick<ViewCandidate, "edge" | "score">[],
): E[] {
  const scores = new Map<string, number>();
  for (const { edge, score } of candidates) if (edge !== null && score !== null) scores.set(edge, score);
  if (scores.size === 0) return [...edges];
  let total = 0;
  for (const score of scores.values()) total += score; // in this order, so that rounding equals the server's
  const mean = total / scores.size;
  return edges.map((edge) => {
    const score = scores.get(edge.id);
    if (score === undefined) return edge;
    const tests = edge.tests + 1;
    const gap_sum = edge.gap_sum + (mean - score);
    return { ...edge, tests, gap_sum, importance: gap_sum / tests };
  });
}

function nodeAdded(view: View, p: Payloads["node_added"]): Partial<View> {
  const { node, op, rank } = p;
  if (view.nodes.some((n) => n.id === node)) {
    return changeNode(view, node, { op, state: "active", step: null, cause: null });
  }
  return { nodes: [...view.nodes, newNode(node, op, rank)] };
}

function newNode(id: number, op: string, rank: number): ViewNode {
  return { id, op, rank, state: "active", locked: false, step: null, cause: null };
}

function newEdge(id: string, source: number, target: number): ViewEdge {
  return {
    id,
    source,
    target,
    state: "active",
    locked: false,
    step: null,
    cause: null,
    tests: 0,
    gap_sum: 0,
    importance: null,
  };
}

function changeEdge(view: View, id: string, change: Partial<ViewEdge>): Partial<View> {
  return { edges: view.edges.map((edge) => (edge.id === id ? { ...edge, ...change } : edge)) };
}

function changeNode(view: View, id: number, change: Partial<ViewNode>): Partial<View> {
  return { nodes: view.nodes.map((node) => (node.id === id ? { ...node, ...change } : node)) };
}

/** Kinds in the list of events; scores and proposals are shown elsewhere. */
const LOGGED: ReadonlySet<EventKind> = new Set([
  "search_started",
  "edge_removed",
  "edge_added",
  "node_added",
  "op_changed",
  "node_widened",
  "step_decided",
  "edge_locked",
  "edge_unlocked",
  "node_locked",
  "node_unlocked",
  "budget_changed",
  "weight_changed",
  "command_applied",
  "command_refused",
  "branch_opened",
  "search_finished",
]);

function logLine(event: SearchEvent): LogLine | null {
  if (!LOGGED.has(event.kind)) return null;
  const p: Partial<LogLine> = event.payload as Partial<LogLine>;
  const steered = event.kind === "command_applied" || event.kind === "command_refused";
  return {
    seq: event.seq,
    at: event.at,
    kind: event.kind,
    command: steered ? event.payload.kind : null,
    step: p.step ?? null,
    edge: p.edge ?? null,
    node: p.node ?? null,
    budget: p.budget ?? null,
    weight: p.weight ?? null,
    cause: p.cause ?? null,
    by: p.by ?? null,
    reason: p.reason ?? null,
    why: p.why ?? null,
    score: p.score ?? null,
  };
}
