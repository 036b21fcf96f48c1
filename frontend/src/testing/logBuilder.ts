// For tests: builds the event log of a search on the complete cell of four nodes.
import type { Budget, Cost, EventKind, Latency, Payloads, SearchEvent, View } from "../live/events";
import { apply, emptyView } from "../live/reducer";

const NODES = ["input", "sep3", "conv1", "sep3"].map((op, id) => ({ id, op, rank: id }));
const EDGES = ["0-1", "0-2", "0-3", "1-2", "1-3", "2-3"].map((id) => {
  const [source = 0, target = 0] = id.split("-").map(Number);
  return { id, source, target };
});
export const BUDGET: Budget = {
  params: 60_000,
  macs: null,
  peak_memory: null,
  latency: null,
  device: null,
  bytes_per_element: 4,
};

/** The cost of a cell with this many edges. */
export function cost(edges: number): Cost {
  return {
    params: 20_000 * edges,
    params_no_bn: 20_000 * edges,
    macs: 100_000 * edges,
    peak_memory: { io: 1_024, live: 10_240 * edges, optimal: null, exact: true },
    latency: null,
  };
}

export function latency(median: number): Latency {
  const [low, high] = [median - 100, median + 300];
  const about = { device: "a board", threads: 1, runtime: "onnxruntime 1.31" };
  return { median, low, high, repeats: 50, warmup: 10, ...about };
}

type Parts = Pick<Payloads["branch_opened"], "edges" | "nodes">;
type About = Partial<Pick<Payloads["command_applied"], "edge" | "node" | "budget" | "weight" | "step">>;

interface Found {
  edges: readonly string[];
  step: number;
  quality: number;
  /** by the short training of an earlier round */
  early?: boolean;
}

interface CellChanges {
  removed?: readonly string[];
  added?: readonly string[];
  /** operations by node */
  ops?: Readonly<Record<number, string>>;
}

export class LogBuilder {
  readonly events: SearchEvent[] = [];
  private branch = 0;
  private round = 0;
  private step = 0;
  private budget = BUDGET;
  /** the cell and budget after each decision */
  private readonly snapshots: { parts: Parts; budget: Budget }[] = [];

  constructor(private readonly strategy = "autoshrink") {
    const smallest = cost(1);
    this.emit("search_started", {
      task: {
        space: { name: "cnn", config: {} },
        strategy: { name: strategy, config: {} },
        evaluator: { name: "train", config: {} },
        objective: { cost_weight: 0.1, cost_of: "params" },
        answer: { finalists: 3, answer_epochs: 0 },
        dataset: "digits",
        split: "",
        seed: 0,
        budget: BUDGET,
        data: null,
      },
      macro: {
        kind: "image",
        input: [1, 8, 8],
        classes: 10,
        stem_filters: 8,
        stages: [],
        stem_stride: 1,
        head_filters: null,
        activation: "relu",
      },
      graph: { nodes: NODES, edges: EDGES },
      cost: cost(6),
      smallest,
      over: [],
      metric: "accuracy",
    });
    this.saveSnapshot();
    this.proposeCandidates();
  }

  get view(): View {
    return this.events.reduce(apply, emptyView());
  }

  /** The search decides a step by cutting an edge. */
  decide(edge: string): this {
    this.step += 1;
    this.removeEdge(edge, "search", this.step);
    return this.endStep({ edge, label: null });
  }

  /** The search decides a step by replacing the cell, or keeps it. */
  replaceCell(label: string, { removed = [], added = [], ops = {} }: CellChanges = {}): this {
    this.step += 1;
    const { step } = this;
    for (const edge of removed) this.removeEdge(edge, "search", step);
    for (const edge of added) this.emit("edge_added", { ...ends(edge), step, cause: "search" });
    for (const [node, op] of Object.entries(ops))
      this.emit("op_changed", { node: Number(node), op, step, cause: "search" });
    return this.endStep({ edge: null, label });
  }

  /** A round of candidates that are not cuts, and the draws that were refused. */
  proposeCells(
    labels: readonly (string | null)[],
    refused: Payloads["candidates_proposed"]["refused"],
  ): this {
    return this.propose("descent", labels, refused);
  }

  private propose(
    phase: Payloads["candidates_proposed"]["phase"],
    labels: readonly (string | null)[],
    refused: Payloads["candidates_proposed"]["refused"],
  ): this {
    const now = cost(this.activeEdges.length);
    const whole = { edge: null, edges: [], nodes: [], cost: now, feasible: true, why_not: null };
    const candidates = labels.map((label, index) => ({ ...whole, index, label }));
    const step = this.step + 1;
    this.emit("candidates_proposed", { step, phase, candidates, refused, cost: now, over: [] });
    return this;
  }

  /** After its last step the search trains its finalists. */
  trainFinalists(labels: readonly string[]): this {
    return this.propose("answer", labels, []);
  }

  /** The search ends by itself; `best` is its answer, measured as the finalist `index` or before. */
  finish(best: Found | null, status: "finished" | "stopped" = "finished"): this {
    const { branch, round } = this;
    const answer = best && {
      graph: { nodes: NODES, edges: EDGES.filter(({ id }) => best.edges.includes(id)) },
      hash: best.edges.join(),
      cost: cost(best.edges.length),
      quality: best.quality,
      score: best.quality,
      step: best.step,
      edge: null,
      measured: { branch, round: best.early ? round - 1 : round, index: 0 },
    };
    const totals = { steps: this.step, candidates: this.view.candidate_count };
    this.emit("search_finished", { status, why: "all steps are done", ...totals, best: answer });
    return this;
  }

  /** A result of the round: its quality is its score. */
  score(index: number, score: number): this {
    const edge = this.view.candidates.find((candidate) => candidate.index === index)?.edge ?? null;
    const result = { status: "ok" as const, code: null, quality: score, score, curve: [] };
    this.emit("candidate_scored", { step: this.step + 1, index, edge, ...result });
    return this;
  }

  private endStep(change: Pick<Payloads["step_decided"], "edge" | "label">): this {
    const edges = this.activeEdges.length;
    this.emit("step_decided", {
      step: this.step,
      phase: "descent",
      ...change,
      score: 0.9,
      quality: 0.9,
      cost: cost(edges),
      over: [],
      fits: true,
      edges,
      margin: null,
    });
    this.saveSnapshot();
    this.proposeCandidates();
    this.round += 1;
    return this;
  }

  command(kind: Payloads["command_applied"]["kind"], about: About, reason = ""): this {
    this.emit("command_applied", { ...this.commandPayload(kind, about), reason });
    const { edge, node } = about;
    if (kind === "remove" && edge) this.removeEdge(edge, "person", this.step);
    if (kind === "restore" && edge)
      this.emit("edge_added", { ...ends(edge), step: this.step, cause: "person" });
    if (kind === "lock" && edge) this.emit("edge_locked", { edge });
    if (kind === "unlock" && edge) this.emit("edge_unlocked", { edge });
    if (kind === "lock" && node) this.emit("node_locked", { node });
    if (about.budget) {
      this.budget = about.budget;
      this.emit("budget_changed", { budget: about.budget, over: [], fits: true });
    }
    return this;
  }

  /** Edges that collapse with the last manual cut. */
  collapse(...edges: string[]): this {
    for (const edge of edges) this.removeEdge(edge, "collapse", this.step);
    return this;
  }

  refuse(kind: Payloads["command_refused"]["kind"], about: About, why: string): this {
    this.emit("command_refused", { ...this.commandPayload(kind, about), why });
    return this;
  }

  /** The latency of each candidate in microseconds; above `limit` it is infeasible. */
  measureLatencies(medians: readonly number[], limit: number): this {
    const timed = medians.map((median, index) => {
      const feasible = median <= limit;
      const why_not = feasible ? null : `${median} microseconds of latency is over the limit of ${limit}`;
      return { index, latency: latency(median), code: null, feasible, why_not };
    });
    const step = this.step + 1;
    this.emit("candidates_timed", { step, phase: "descent", timed, present: null, smallest: null, over: [] });
    return this;
  }

  rollBack(step: number): this {
    const parent = { search: null, branch: this.branch, round: step };
    this.branch += 1;
    this.round = 0;
    this.step = step;
    this.emit("command_applied", this.commandPayload("rollback", { step }));
    this.openBranch(step, parent);
    return this;
  }

  /** A new search that starts with the cell at that step. */
  fork(step: number): LogBuilder {
    const fork = new LogBuilder(this.strategy);
    fork.events.splice(1);
    fork.snapshots.splice(0);
    fork.step = step;
    const now = this.snapshots[step];
    if (now) fork.snapshots[step] = now;
    fork.openBranch(step, { search: "s0", branch: this.branch, round: step });
    return fork;
  }

  private openBranch(step: number, parent: Payloads["branch_opened"]["parent"]): void {
    const then = this.snapshots[step];
    if (!then) throw new Error(`step ${step} was not told`);
    this.budget = then.budget;
    this.emit("branch_opened", {
      branch: this.branch,
      parent,
      step,
      by: "Yan",
      reason: "",
      phase: "descent",
      ...then.parts,
      cost: cost(then.parts.edges.filter((e) => e.state === "active").length),
      over: [],
      budget: this.budget,
      weight: 0.1,
      best: null,
    });
    this.proposeCandidates();
  }

  private get activeEdges() {
    return this.view.edges.filter((e) => e.state === "active");
  }

  private saveSnapshot(): void {
    const { edges, nodes } = this.view;
    this.snapshots[this.step] = {
      budget: this.budget,
      parts: {
        edges: edges.map(({ id, state, step, cause, locked }) => ({
          id,
          state: is(state),
          step,
          cause,
          locked,
        })),
        nodes: nodes.map((node) => ({ ...node, state: is(node.state) })),
      },
    };
  }

  private removeEdge(edge: string, cause: "search" | "person" | "collapse", step: number): void {
    this.emit("edge_removed", { ...ends(edge), step, cause });
  }

  private proposeCandidates(): void {
    if (this.strategy !== "autoshrink") {
      this.proposeCells(["3 edges"], []);
      return;
    }
    const activeEdges = this.activeEdges;
    const candidates = activeEdges.map(({ id }, index) => ({
      index,
      edge: id,
      label: null,
      edges: [id],
      nodes: [],
      cost: cost(activeEdges.length - 1),
      feasible: true,
      why_not: null,
    }));
    const now = cost(activeEdges.length);
    this.emit("candidates_proposed", {
      step: this.step + 1,
      phase: "descent",
      candidates,
      refused: [],
      cost: now,
      over: [],
    });
  }

  private commandPayload(
    kind: Payloads["command_applied"]["kind"],
    about: About,
  ): Payloads["command_applied"] {
    const nothing = { edge: null, node: null, budget: null, weight: null, step: null };
    return { command: this.events.length, kind, ...nothing, ...about, by: "Yan", reason: "" };
  }

  private emit<K extends EventKind>(kind: K, payload: Payloads[K]): void {
    const { branch, round } = this;
    const seq = this.events.length + 1;
    this.events.push({ v: 1, seq, branch, round, kind, at: "2026-11-24T10:00:00Z", payload } as SearchEvent);
  }
}

function ends(edge: string) {
  const [source = 0, target = 0] = edge.split("-").map(Number);
  return { edge, source, target };
}

function is(state: string): "active" | "removed" {
  return state === "removed" ? "removed" : "active";
}
