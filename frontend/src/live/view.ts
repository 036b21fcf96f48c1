// The state of a search after some event, as the pages show it. `apply` in reducer.ts makes it from the log.
import type { QualityMetric } from "../format/numbers";
import type { Draws } from "./draws";
import type {
  Answer,
  Attrs,
  Best,
  Budget,
  Candidate,
  Cost,
  Edits,
  Ends,
  EventKind,
  GraphEdited,
  Latency,
  Macro,
  ObjectiveOf,
  Over,
  Payloads,
  RemovedEdge,
  Scored,
  Snapshot,
  Task,
} from "./events";

export type PartState = "active" | "removed";
export type Cause = RemovedEdge["cause"];
export type Phase = NonNullable<Snapshot["phase"]>;
export type CommandKind = Payloads["command_applied"]["kind"];

/** What nodes and edges have in common. A removed part stays, so that nothing moves; it says when and why it went. */
interface Part {
  readonly state: PartState;
  readonly locked: boolean;
  readonly step: number | null;
  readonly cause: Cause | null;
}

export interface ViewNode extends Part {
  readonly id: number;
  readonly op: string;
  readonly rank: number;
  readonly attrs: Attrs;
  readonly cell: number;
}

export interface ViewEdge extends Part {
  readonly id: string;
  readonly source: number;
  readonly target: number;
  readonly tests: number;
  readonly importance: number | null;
}

export interface Parts {
  /** by rank */
  readonly nodes: readonly ViewNode[];
  /** by the ranks of their ends */
  readonly edges: readonly ViewEdge[];
}

export interface ViewCandidate extends Candidate {
  readonly status: "waiting" | "skipped" | Scored["status"];
  readonly code: string | null;
  readonly latency: Latency | null;
  readonly quality: number | null;
  readonly score: number | null;
}

/** The candidates that are open; the log shows the first of them. */
export interface OpenCandidates {
  /** id of the first one; the others follow */
  readonly first: number;
  readonly count: number;
  readonly feasible: number;
  /** those whose results are in the log */
  readonly measured: number;
  readonly shown: readonly ViewCandidate[];
}

/** One event of the list of events, without what the list does not show. */
export interface LogLine {
  readonly seq: number;
  readonly at: string;
  readonly branch: number;
  readonly round: number;
  readonly kind: EventKind;
  readonly command: CommandKind | null;
  readonly step: number | null;
  readonly edge: string | null;
  readonly node: number | null;
  readonly budget: Budget | null;
  readonly weight: number | null;
  readonly by: string | null;
  readonly reason: string | null;
  readonly why: string | null;
  readonly label: string | null;
  readonly score: number | null;
  readonly edits: Edits | null;
  readonly cause: GraphEdited["cause"] | null;
  /** nodes that the edits change or remove; null if it is unknown what they were */
  readonly changes: readonly NodeChange[] | null;
}

/** An operation and its attributes. */
export interface NodeState {
  readonly op: string;
  readonly attrs: Attrs;
}

export interface NodeChange {
  readonly node: number;
  /** null if it is unknown */
  readonly was: NodeState | null;
  /** null if it is removed */
  readonly is: NodeState | null;
}

export interface View extends Parts {
  /** number of the last event */
  readonly seq: number;
  readonly branch: number;
  readonly round: number;
  readonly task: Task | null;
  readonly macro: Macro | null;
  /** of all candidates but finalists, which are trained */
  readonly metric: QualityMetric;
  readonly objectives: readonly ObjectiveOf[];
  readonly status: "waiting" | Snapshot["status"];
  readonly why: string;
  /** decisions made */
  readonly step: number;
  readonly phase: Phase | null;
  /** of the start graph */
  readonly start: Cost | null;
  readonly ends: Ends;
  readonly cost: Cost | null;
  readonly over: readonly Over[];
  readonly budget: Budget | null;
  readonly weight: number | null;
  readonly candidates: OpenCandidates;
  readonly draws: Draws;
  /** candidates so far that were trained or scored */
  readonly trained: number;
  /** so far; of a search that has ended: its answer */
  readonly best: Best | null;
  readonly answer: Answer | null;
  /** the newest ones, oldest first */
  readonly log: readonly LogLine[];
}
