// Written from the Python types by `python -m search types`; not to be edited.

export interface Graph {
  nodes: Node[];
  edges: { id: string; source: number; target: number }[];
}

export interface Node {
  id: number;
  op: string;
  rank: number;
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

export interface TextMacro {
  kind: "text";
  vocabulary: number;
  hidden: number;
}

export type Macro = ImageMacro | TextMacro;

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

export interface Over {
  limit: "params" | "macs" | "peak_memory" | "latency";
  value: number;
  allowed: number;
}

export interface SearchStarted {
  task: Task;
  macro: Macro;
  graph: Graph;
  cost: Cost;
  smallest: Cost;
  over: Over[];
  metric: "accuracy" | "perplexity";
}

export interface Candidate {
  index: number;
  edge: string | null;
  label: string | null;
  edges: string[];
  nodes: number[];
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
  candidates: Candidate[];
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
  index: number;
  latency: Latency | null;
  code: string | null;
  feasible: boolean;
  why_not: string | null;
}

export interface CandidatesTimed {
  step: number;
  phase: "descent" | "choice" | "answer";
  timed: Timed[];
  present: Latency | null;
  smallest: Latency | null;
  over: Over[];
}

export interface Point {
  epoch: number;
  train_loss: number;
  val_loss: number;
  val_accuracy: number | null;
}

export interface CandidateScored {
  step: number;
  index: number;
  edge: string | null;
  status: "ok" | "error";
  code: string | null;
  quality: number | null;
  score: number | null;
  curve: Point[];
}

export interface EdgeRemoved {
  edge: string;
  source: number;
  target: number;
  step: number;
  cause: "search" | "person" | "collapse";
}

export interface EdgeAdded {
  edge: string;
  source: number;
  target: number;
  step: number;
  cause: "search" | "person" | "collapse";
}

export interface NodeRemoved {
  node: number;
  step: number;
  cause: "search" | "person" | "collapse";
}

export interface NodeAdded {
  node: number;
  op: string;
  rank: number;
  step: number;
  cause: "search" | "person" | "collapse";
}

export interface OpChanged {
  node: number;
  op: string;
  step: number;
  cause: "search" | "person" | "collapse";
}

export interface NodeWidened {
  node: number;
  width: number;
  step: number;
  cause: "search" | "person" | "collapse";
}

export interface StepDecided {
  step: number;
  phase: "descent" | "choice" | "answer";
  edge: string | null;
  label: string | null;
  score: number;
  quality: number;
  cost: Cost;
  over: Over[];
  fits: boolean;
  edges: number;
  margin: number | null;
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

export interface BranchEdge {
  id: string;
  state: "active" | "removed";
  step: number | null;
  cause: "search" | "person" | "collapse" | null;
  locked: boolean;
}

export interface BranchNode {
  id: number;
  op: string;
  rank: number;
  state: "active" | "removed";
  step: number | null;
  cause: "search" | "person" | "collapse" | null;
  locked: boolean;
}

export interface BranchBest {
  hash: string;
  cost: Cost;
  quality: number;
  score: number;
  step: number;
  edge: string | null;
}

export interface BranchOpened {
  branch: number;
  parent: Parent;
  step: number;
  by: string;
  reason: string;
  phase: "descent" | "choice" | "answer";
  edges: BranchEdge[];
  nodes: BranchNode[];
  cost: Cost;
  over: Over[];
  budget: Budget;
  weight: number;
  best: BranchBest | null;
}

export interface Measured {
  branch: number;
  round: number;
  index: number;
}

export interface Answer {
  graph: Graph;
  hash: string;
  cost: Cost;
  quality: number;
  score: number;
  step: number;
  edge: string | null;
  measured: Measured | null;
}

export interface SearchFinished {
  status: "finished" | "stopped" | "cancelled";
  why: string;
  steps: number;
  candidates: number;
  best: Answer | null;
}

export interface ViewNode {
  id: number;
  op: string;
  rank: number;
  state: string;
  locked: boolean;
  step: number | null;
  cause: "search" | "person" | "collapse" | null;
}

export interface ViewEdge {
  id: string;
  source: number;
  target: number;
  state: string;
  locked: boolean;
  step: number | null;
  cause: "search" | "person" | "collapse" | null;
  tests: number;
  gap_sum: number;
  importance: number | null;
}

export interface ViewCandidate {
  index: number;
  edge: string | null;
  label: string | null;
  edges: string[];
  nodes: number[];
  cost: Cost;
  feasible: boolean;
  why_not: string | null;
  latency: Latency | null;
  status: string;
  code: string | null;
  quality: number | null;
  score: number | null;
  curve: Point[];
}

export interface Tested {
  edge: string | null;
  label: string | null;
  score: number | null;
  quality: number | null;
  cost: Cost;
  feasible: boolean;
}

export interface ViewStep {
  step: number;
  phase: "descent" | "choice" | "answer";
  edge: string | null;
  label: string | null;
  score: number;
  quality: number;
  cost: Cost;
  fits: boolean;
  edges: number;
  margin: number | null;
  gone: string[];
  tested: Tested[];
}

export interface ViewBranch {
  branch: number;
  parent: Parent | null;
  step: number;
  seq: number;
  status: string;
  by: string | null;
  reason: string;
  steps: number;
  edges: number;
  cost: Cost;
  best_quality: number | null;
  history: ViewStep[];
}

export interface LogLine {
  seq: number;
  at: string;
  kind: string;
  step: number | null;
  edge: string | null;
  node: number | null;
  budget: Budget | null;
  weight: number | null;
  cause: "search" | "person" | "collapse" | null;
  command: "pause" | "resume" | "stop" | "cancel" | "lock" | "unlock" | "remove" | "restore" | "set_budget" | "set_weight" | "rollback" | null;
  by: string | null;
  reason: string | null;
  why: string | null;
  score: number | null;
}

export interface View {
  v: number;
  seq: number;
  branch: number;
  round: number;
  status: string;
  why: string;
  task: Task | null;
  budget: Budget | null;
  weight: number | null;
  macro: Macro | null;
  metric: "accuracy" | "perplexity";
  phase: "descent" | "choice" | "answer" | null;
  step: number;
  cost: Cost | null;
  dense: Cost | null;
  smallest: Cost | null;
  over: Over[];
  nodes: ViewNode[];
  edges: ViewEdge[];
  candidates: ViewCandidate[];
  refused: Refused[];
  history: ViewStep[];
  best: Answer | null;
  candidate_count: number;
  branches: ViewBranch[];
  log: LogLine[];
}

/** Every kind of event and its payload. */
export interface Payloads {
  search_started: SearchStarted;
  candidates_proposed: CandidatesProposed;
  candidates_timed: CandidatesTimed;
  candidate_scored: CandidateScored;
  edge_removed: EdgeRemoved;
  edge_added: EdgeAdded;
  node_removed: NodeRemoved;
  node_added: NodeAdded;
  op_changed: OpChanged;
  node_widened: NodeWidened;
  step_decided: StepDecided;
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
