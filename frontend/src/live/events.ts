// Written from the Python types by `python -m search types`; not to be edited.

/** Such as width, kernel or stride. */
export type Attrs = Record<string, number | string>;

export interface Node {
  id: number;
  op: string;
  rank: number;
  attrs?: Attrs;
  /** the stage that it belongs to; 0 if absent */
  cell?: number;
}

export interface Graph {
  nodes: Node[];
  edges: { id: string; source: number; target: number }[];
}

/** A node in the log: id, op, rank, and attributes and cell where they are not empty and 0. */
export type NodeRow = [number, string, number, Attrs?, number?];

/** A graph in the log. */
export interface GraphRows {
  nodes: NodeRow[];
  edges: [number, number][];
}

export interface Stage {
  filters: number;
  cells: number;
  stride: number;
}

export interface ImageMacro {
  kind: "image";
  input: [number, number, number];
  classes: number;
  stem_filters: number;
  stages: Stage[];
  stem_stride: number;
  head_filters: number | null;
  activation: "relu" | "swish" | "sigmoid" | "tanh" | "identity";
}

export interface Nasbench201Macro {
  kind: "nasbench201";
  input: [number, number, number];
  classes: number;
  channels: number;
  cells: number;
  scales: number[];
}

export interface ChainMacro {
  kind: "chain";
  input: [number, number, number];
  classes: number;
  head_filters: number;
  resolution: number | null;
  shortcuts: boolean;
}

export interface TextMacro {
  kind: "text";
  vocabulary: number;
  hidden: number;
}

export type Macro = ImageMacro | Nasbench201Macro | ChainMacro | TextMacro;

export interface Choice {
  name: string;
  config: Record<string, unknown>;
}

export interface Objective {
  cost_weight: number;
  cost_of: "macs" | "params" | "peak_memory";
}

export interface AnswerSettings {
  finalists: number;
  answer_epochs: number;
}

export interface Budget {
  params: number | null;
  macs: number | null;
  peak_memory: number | null;
  latency: number | null;
  device: string | null;
  bytes_per_element: number;
}

export interface ImageData {
  kind: "image";
  shape: [number, number, number];
  classes: number;
  file: string | null;
  test_file: string | null;
}

export interface TextData {
  kind: "text";
  vocabulary: number;
  file: string | null;
}

export interface Task {
  space: Choice;
  strategy: Choice;
  evaluator: Choice;
  objective: Objective;
  answer: AnswerSettings;
  dataset: string;
  split: string;
  seed: number;
  budget: Budget;
  data: ImageData | TextData | null;
}

export interface PeakMemory {
  io: number;
  live: number;
  optimal: number | null;
  exact: boolean;
}

export interface Cost {
  params: number;
  params_no_bn: number;
  macs: number;
  peak_memory: PeakMemory;
  latency: number | null;
}

export interface Ends {
  smallest: Cost | null;
  largest: Cost | null;
}

export interface Over {
  limit: "params" | "macs" | "peak_memory" | "latency";
  value: number;
  allowed: number;
}

export interface ObjectiveOf {
  name: string;
  direction: "max" | "min";
}

export interface SearchStarted {
  task: Task;
  macro: Macro;
  graph: GraphRows;
  cost: Cost;
  ends: Ends;
  over: Over[];
  metric: "accuracy" | "perplexity" | "proxy";
  objectives: ObjectiveOf[];
}

export interface RemovedEdge {
  id: string;
  step: number;
  cause: "search" | "person" | "collapse";
}

export interface RemovedNode {
  id: number;
  step: number;
  cause: "search" | "person" | "collapse";
}

export interface Evidence {
  edge: string;
  tests: number;
  importance: number;
}

export interface Measured {
  branch: number;
  round: number;
  candidate: number;
}

export interface Best {
  hash: string;
  cost: Cost;
  quality: number;
  score: number;
  step: number;
  measured: Measured | null;
  metric: "accuracy" | "perplexity" | "proxy";
}

export interface Answer {
  graph: GraphRows;
  hash: string;
  cost: Cost;
  quality: number;
  score: number;
  step: number;
  measured: Measured | null;
  metric: "accuracy" | "perplexity" | "proxy";
  values: number[];
}

export interface Snapshot {
  task: Task;
  macro: Macro;
  metric: "accuracy" | "perplexity" | "proxy";
  objectives: ObjectiveOf[];
  start: Cost;
  ends: Ends;
  status: "running" | "finished" | "stopped" | "cancelled";
  why: string;
  step: number;
  phase: "descent" | "choice" | "answer" | null;
  graph: GraphRows;
  removed: RemovedEdge[];
  removed_nodes: RemovedNode[];
  locked: string[];
  locked_nodes: number[];
  evidence: Evidence[];
  cost: Cost;
  over: Over[];
  budget: Budget;
  weight: number;
  trained: number;
  best: Best | null;
  answer: Answer | null;
}

export interface Edits {
  edges_removed: string[];
  nodes_removed: number[];
  edges_lost: string[];
  nodes_lost: number[];
  nodes_added: NodeRow[];
  nodes_changed: NodeRow[];
  edges_added: string[];
}

export interface Candidate {
  id: number;
  edits: Edits;
  parents: number[];
  hash: string;
  label: string | null;
  cost: Cost;
  feasible: boolean;
  why_not: string | null;
}

export interface Refused {
  limit: "params" | "macs" | "peak_memory" | "latency" | "rules";
  count: number;
}

export interface CandidatesProposed {
  step: number;
  phase: "descent" | "choice" | "answer";
  count: number;
  feasible: number;
  shown: Candidate[];
  refused: Refused[];
  cost: Cost;
  over: Over[];
}

export interface Latency {
  median: number;
  low: number;
  high: number;
  repeats: number;
  warmup: number;
  device: string;
  threads: number;
  runtime: string;
}

export interface Timed {
  id: number;
  latency: Latency | null;
  code: string | null;
  feasible: boolean;
  why_not: string | null;
}

export interface CandidatesTimed {
  step: number;
  phase: "descent" | "choice" | "answer";
  feasible: number;
  shown: Timed[];
  present: Latency | null;
  smallest: Latency | null;
  over: Over[];
}

export interface Scored {
  id: number;
  status: "ok" | "error";
  code: string | null;
  quality: number | null;
  score: number | null;
}

export interface CandidatesMeasured {
  step: number;
  ok: number;
  failed: number;
  shown: Scored[];
}

export interface EvidenceUpdated {
  edges: Evidence[];
}

export interface StepDecided {
  step: number;
  phase: "descent" | "choice" | "answer";
  candidate: number | null;
  label: string | null;
  edits: Edits;
  score: number;
  quality: number;
  cost: Cost;
  over: Over[];
  fits: boolean;
  edges: number;
  margin: number | null;
}

export interface GraphEdited {
  step: number;
  cause: "search" | "person";
  edits: Edits;
  cost: Cost;
  over: Over[];
}

export interface AnswerChanged {
  best: Best | null;
}

export interface EdgeLocked {
  edge: string;
}

export interface EdgeUnlocked {
  edge: string;
}

export interface NodeLocked {
  node: number;
}

export interface NodeUnlocked {
  node: number;
}

export interface BudgetChanged {
  budget: Budget;
  cost: Cost;
  over: Over[];
  fits: boolean;
}

export interface WeightChanged {
  weight: number;
}

export interface CommandApplied {
  command: number;
  kind: "pause" | "resume" | "stop" | "cancel" | "lock" | "unlock" | "remove" | "restore" | "set_budget" | "set_weight" | "rollback";
  edge: string | null;
  node: number | null;
  budget: Budget | null;
  weight: number | null;
  step: number | null;
  by: string;
  reason: string;
}

export interface CommandRefused {
  command: number;
  kind: "pause" | "resume" | "stop" | "cancel" | "lock" | "unlock" | "remove" | "restore" | "set_budget" | "set_weight" | "rollback";
  edge: string | null;
  node: number | null;
  budget: Budget | null;
  weight: number | null;
  step: number | null;
  by: string;
  reason: string;
  why: string;
}

export interface Parent {
  search: string | null;
  branch: number;
  round: number;
}

export interface BranchOpened {
  branch: number;
  parent: Parent;
  by: string;
  reason: string;
  snapshot: Snapshot;
}

export interface SearchFinished {
  status: "finished" | "stopped" | "cancelled";
  why: string;
  steps: number;
  candidates: number;
  best: Answer | null;
}

/** Every kind of event and its payload. */
export interface Payloads {
  search_started: SearchStarted;
  snapshot: Snapshot;
  candidates_proposed: CandidatesProposed;
  candidates_timed: CandidatesTimed;
  candidates_measured: CandidatesMeasured;
  evidence_updated: EvidenceUpdated;
  step_decided: StepDecided;
  graph_edited: GraphEdited;
  answer_changed: AnswerChanged;
  edge_locked: EdgeLocked;
  edge_unlocked: EdgeUnlocked;
  node_locked: NodeLocked;
  node_unlocked: NodeUnlocked;
  budget_changed: BudgetChanged;
  weight_changed: WeightChanged;
  command_applied: CommandApplied;
  command_refused: CommandRefused;
  branch_opened: BranchOpened;
  search_finished: SearchFinished;
}

export type EventKind = keyof Payloads;

/** One line of a search's log, discriminated by kind. */
export type SearchEvent = {
  [K in EventKind]: {
    v: number;
    seq: number;
    branch: number;
    round: number;
    kind: K;
    at: string;
    payload: Payloads[K];
  };
}[EventKind];
