// For tests: builds the event log of a search on the complete cell of four nodes.
import { endsOf } from "../live/edits";
import type {
  Answer,
  Attrs,
  Budget,
  Candidate,
  Cost,
  Edits,
  EventKind,
  GraphRows,
  Latency,
  NodeRow,
  Payloads,
  SearchEvent,
  Snapshot,
} from "../live/events";
import { emptyHistory, type History, recall } from "../live/history";
import { branchOf, type Line, lineOf } from "../live/line";
import { apply, emptyView } from "../live/reducer";
import type { View } from "../live/view";

const NODES = ["input", "sep3", "conv1", "sep3"].map((op, id): NodeRow => [id, op, id]);
const EDGES = ["0-1", "0-2", "0-3", "1-2", "1-3", "2-3"];

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

export function edits(change: Partial<Edits> = {}): Edits {
  return {
    edges_removed: [],
    nodes_removed: [],
    edges_lost: [],
    nodes_lost: [],
    nodes_added: [],
    nodes_changed: [],
    edges_added: [],
    ...change,
  };
}

type About = Partial<Pick<Payloads["command_applied"], "edge" | "node" | "budget" | "weight" | "step">>;

interface Found {
  edges: readonly string[];
  step: number;
  quality: number;
  /** by the short training or the score of an earlier round */
  early?: boolean;
  /** if it is not that of the candidates */
  metric?: View["metric"];
}

interface CellChanges {
  removed?: readonly string[];
  added?: readonly string[];
  /** operations by node */
  ops?: Readonly<Record<number, string>>;
  /** widths by node */
  widths?: Readonly<Record<number, number>>;
}

export class LogBuilder {
  readonly events: SearchEvent[] = [];
  /** the view after all events */
  view: View = emptyView();
  history: History = emptyHistory();
  private branch = 0;
  private round = 0;
  private step = 0;
  private nextId = 0;
  /** the search after each decision */
  private readonly snapshots: Snapshot[] = [];

  constructor(
    private readonly strategy = "autoshrink",
    private readonly metric: View["metric"] = "accuracy",
  ) {
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
      graph: { nodes: NODES, edges: rowsOf(EDGES) },
      cost: cost(6),
      ends: { smallest: cost(1), largest: cost(6) },
      over: [],
      metric,
      objectives: [],
    });
    this.keepSnapshot();
    this.proposeCandidates();
  }

  get line(): Line {
    return lineOf(this.history, this.branch);
  }

  /** The search decides a step by cutting an edge, and what it then no longer reaches. */
  decide(edge: string, lost: Pick<Partial<Edits>, "edges_lost" | "nodes_lost"> = {}): this {
    return this.endStep(edits({ edges_removed: [edge], ...lost }), null);
  }

  /** The search decides a step by replacing the cell, or keeps it. */
  replaceCell(
    label: string | null,
    { removed = [], added = [], ops = {}, widths = {} }: CellChanges = {},
  ): this {
    const nodes_changed = this.view.nodes
      .filter(({ id }) => id in ops || id in widths)
      .map(({ id, op, rank, attrs }): NodeRow => {
        const width: Attrs = id in widths ? { width: widths[id] ?? 0 } : {};
        return [id, ops[id] ?? op, rank, { ...attrs, ...width }];
      });
    const change = { edges_removed: [...removed], edges_added: [...added], nodes_changed };
    return this.endStep(edits(change), label);
  }

  /** A round of candidates that are not cuts, and the draws that were refused. */
  proposeCells(
    labels: readonly (string | null)[],
    refused: Payloads["candidates_proposed"]["refused"],
  ): this {
    return this.propose("descent", labels.map(labelled), refused);
  }

  /** A round of many candidates, of which the log shows the first. */
  proposeMany(count: number): this {
    const candidates = Array.from({ length: count }, (_, i) => labelled(`${i} edges`));
    return this.propose("descent", candidates, []);
  }

  /** After its last step the search trains its finalists. */
  trainFinalists(labels: readonly string[]): this {
    return this.propose("answer", labels.map(labelled), []);
  }

  /** The search ends by itself; `best` is its answer, measured as a finalist or before. */
  finish(best: Found | null, status: "finished" | "stopped" = "finished"): this {
    const { branch, round } = this;
    const answer: Answer | null = best && {
      graph: { nodes: NODES, edges: rowsOf(best.edges) },
      hash: best.edges.join(),
      cost: cost(best.edges.length),
      quality: best.quality,
      score: best.quality,
      step: best.step,
      measured: { branch, round: best.early ? round - 1 : round, candidate: 0 },
      metric: best.metric ?? this.metric,
      values: [],
    };
    const totals = { steps: this.step, candidates: this.view.trained };
    this.emit("search_finished", { status, why: "all steps are done", ...totals, best: answer });
    return this;
  }

  /** Results of the round, by the place of the candidate in it: its quality is its score. */
  score(...scores: readonly (number | null)[]): this {
    const shown = this.view.candidates.shown.flatMap(({ id }, i) => {
      const score = scores[i];
      if (score === undefined || score === null) return [];
      return [{ id, status: "ok" as const, code: null, quality: score, score }];
    });
    this.emit("candidates_measured", { step: this.step + 1, ok: shown.length, failed: 0, shown });
    const evidence = shown.flatMap(({ id, score }) => {
      const candidate = this.view.candidates.shown.find((each) => each.id === id);
      const [edge] = candidate?.edits.edges_removed ?? [];
      if (edge === undefined || candidate?.label !== null || this.view.phase === "answer") return [];
      const tests = (this.view.edges.find((each) => each.id === edge)?.tests ?? 0) + 1;
      return [{ edge, tests, importance: 0.9 - score }];
    });
    if (evidence.length > 0) this.emit("evidence_updated", { edges: evidence });
    return this;
  }

  /** Between two steps. */
  snapshot(): this {
    this.emit("snapshot", this.takeSnapshot());
    return this;
  }

  command(kind: Payloads["command_applied"]["kind"], about: About, reason = ""): this {
    this.emit("command_applied", { ...this.commandPayload(kind, about), reason });
    const { edge, node, budget } = about;
    if (kind === "remove" && edge) this.editByHand(edits({ edges_removed: [edge] }));
    if (kind === "restore" && edge) this.editByHand(edits({ edges_added: [edge] }));
    if (kind === "lock" && edge) this.emit("edge_locked", { edge });
    if (kind === "unlock" && edge) this.emit("edge_unlocked", { edge });
    if (kind === "lock" && node) this.emit("node_locked", { node });
    if (budget) this.emit("budget_changed", { budget, cost: this.cost, over: [], fits: true });
    return this;
  }

  /** A manual cut of an edge or a node, with what it then no longer reaches. */
  cutByHand(about: About, change: Partial<Edits>, reason = ""): this {
    this.emit("command_applied", { ...this.commandPayload("remove", about), reason });
    return this.editByHand(edits(change));
  }

  refuse(kind: Payloads["command_refused"]["kind"], about: About, why: string): this {
    this.emit("command_refused", { ...this.commandPayload(kind, about), why });
    return this;
  }

  /** The latency of each candidate in microseconds; above `limit` it is infeasible. */
  measureLatencies(medians: readonly number[], limit: number): this {
    const shown = this.view.candidates.shown.map(({ id }, i) => {
      const median = medians[i] ?? 0;
      const feasible = median <= limit;
      const why_not = feasible ? null : `${median} microseconds of latency is over the limit of ${limit}`;
      return { id, latency: latency(median), code: null, feasible, why_not };
    });
    const feasible = shown.filter((each) => each.feasible).length;
    const about = { step: this.step + 1, phase: "descent" as const, feasible };
    this.emit("candidates_timed", { ...about, shown, present: null, smallest: null, over: [] });
    return this;
  }

  rollBack(step: number): this {
    const parent = { search: null, ...this.roundOf(step) };
    this.branch += 1;
    this.round = 0;
    this.emit("command_applied", this.commandPayload("rollback", { step }));
    this.openBranch(step, parent);
    return this;
  }

  /** A new search that starts with the cell at that step. */
  fork(step: number): LogBuilder {
    const fork = new LogBuilder(this.strategy, this.metric);
    fork.events.splice(1);
    fork.view = fork.events.reduce(apply, emptyView());
    fork.history = fork.events.reduce(recall, emptyHistory());
    const then = this.snapshots[step];
    if (then) fork.snapshots[step] = then;
    fork.openBranch(step, { search: "s0", ...this.roundOf(step) });
    return fork;
  }

  /** The round that begins at a step, in the branch that has it. Each step is one round. */
  private roundOf(step: number): { branch: number; round: number } {
    let branch = branchOf(this.history, this.branch);
    while (branch?.parent && step < branch.first) branch = branchOf(this.history, branch.parent.branch);
    return { branch: branch?.branch ?? 0, round: step - (branch?.first ?? 0) };
  }

  private openBranch(step: number, parent: Payloads["branch_opened"]["parent"]): void {
    const snapshot = this.snapshots[step];
    if (!snapshot) throw new Error(`step ${step} was not reached`);
    this.step = step;
    this.emit("branch_opened", { branch: this.branch, parent, by: "Yan", reason: "", snapshot });
    this.proposeCandidates();
  }

  private endStep(change: Edits, label: string | null): this {
    this.step += 1;
    const { step } = this;
    const winner = this.view.candidates.shown.find(({ edits: own, label: name }) =>
      label === null ? own.edges_removed[0] === change.edges_removed[0] : name === label,
    );
    const edges =
      this.activeEdges.length -
      change.edges_removed.length -
      change.edges_lost.length +
      change.edges_added.length;
    const about = { cost: cost(edges), over: [], fits: true, edges, margin: null };
    const candidate = winner?.id ?? null;
    const score = winner?.score ?? 0.9;
    const decided = { step, candidate, label, edits: change, score, quality: score };
    this.emit("step_decided", { ...decided, phase: "descent", ...about });
    const changes = Object.values(change).some((parts) => parts.length > 0);
    if (changes)
      this.emit("graph_edited", { step, cause: "search", edits: change, cost: cost(edges), over: [] });
    this.keepSnapshot();
    this.proposeCandidates();
    this.round += 1;
    return this;
  }

  private editByHand(change: Edits): this {
    const gone = change.edges_removed.length + change.edges_lost.length;
    const after = cost(this.activeEdges.length - gone + change.edges_added.length);
    this.emit("graph_edited", { step: this.step, cause: "person", edits: change, cost: after, over: [] });
    return this;
  }

  private get activeEdges() {
    return this.view.edges.filter((e) => e.state === "active");
  }

  private get cost(): Cost {
    return cost(this.activeEdges.length);
  }

  private keepSnapshot(): void {
    this.snapshots[this.step] = this.takeSnapshot();
  }

  private takeSnapshot(): Snapshot {
    const { nodes, edges, task, macro, budget, start, cost: present, status, ...view } = this.view;
    if (!task || !macro || !budget || !start || !present || status === "waiting")
      throw new Error("the search has not started");
    const gone = <T extends { state: string; step: number | null; cause: View["edges"][number]["cause"] }>(
      parts: readonly T[],
    ) =>
      parts.flatMap(({ state, step, cause, ...part }) =>
        state === "removed" && step !== null && cause !== null ? [{ ...part, step, cause }] : [],
      );
    return {
      ...{ task, macro, metric: view.metric, objectives: [...view.objectives], start, ends: view.ends },
      ...{ status, why: view.why, step: view.step, phase: view.phase, cost: present, over: [...view.over] },
      ...{ budget, weight: view.weight ?? 0, trained: view.trained, best: view.best, answer: view.answer },
      graph: {
        nodes: nodes.map(({ id, op, rank, attrs, cell }): NodeRow => [id, op, rank, attrs, cell]),
        edges: rowsOf(edges.map(({ id }) => id)),
      },
      removed: gone(edges).map(({ id, step, cause }) => ({ id, step, cause })),
      removed_nodes: gone(nodes).map(({ id, step, cause }) => ({ id, step, cause })),
      locked: edges.filter(({ locked }) => locked).map(({ id }) => id),
      locked_nodes: nodes.filter(({ locked }) => locked).map(({ id }) => id),
      evidence: edges.flatMap(({ id, tests, importance }) =>
        importance === null ? [] : [{ edge: id, tests, importance }],
      ),
    };
  }

  private proposeCandidates(): void {
    if (this.strategy !== "autoshrink") {
      this.proposeCells(["3 edges"], []);
      return;
    }
    const cuts = this.activeEdges.map(({ id }) => ({ label: null, edits: edits({ edges_removed: [id] }) }));
    this.propose("descent", cuts, []);
  }

  private propose(
    phase: Payloads["candidates_proposed"]["phase"],
    changes: readonly Pick<Candidate, "edits" | "label">[],
    refused: Payloads["candidates_proposed"]["refused"],
  ): this {
    const edges = this.activeEdges.length;
    const shown = changes.slice(0, 20).map((change, i): Candidate => {
      const after = cost(edges - change.edits.edges_removed.length);
      const about = { parents: [], hash: "", cost: after, feasible: true, why_not: null };
      return { id: this.nextId + i, ...change, ...about };
    });
    this.nextId += changes.length;
    const count = changes.length;
    const about = { step: this.step + 1, phase, count, feasible: count, shown, refused };
    this.emit("candidates_proposed", { ...about, cost: cost(edges), over: [] });
    return this;
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
    const at = "2026-11-24T10:00:00Z";
    const event = { v: 2, seq, branch, round, kind, at, payload } as SearchEvent;
    this.events.push(event);
    this.view = apply(this.view, event);
    this.history = recall(this.history, event);
  }
}

/** A candidate that is not a cut; without a label it is the present cell. */
function labelled(label: string | null) {
  return { label, edits: edits(label === null ? {} : { edges_removed: ["0-3", "1-3"] }) };
}

function rowsOf(edges: readonly string[]): GraphRows["edges"] {
  return edges.map((id) => {
    const { source, target } = endsOf(id);
    return [source, target];
  });
}
