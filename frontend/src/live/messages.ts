// What a search's socket says: one table, type -> body, with the union derived from it.
import type { Command } from "../api/types";
import type { Point, SearchEvent, View } from "./events";

export type SearchStatus = "queued" | "running" | "paused" | "finished" | "stopped" | "cancelled" | "failed";

/** One candidate's training as it runs, or in a round that measures, the measurement of its latency. */
export interface WorkProgress {
  round: number;
  index: number;
  status: "queued" | "running" | "done";
  curve: Point[];
}

/** What goes on around the log: latest value only, never replayed. */
export interface Telemetry {
  status: SearchStatus;
  waiting: string | null;
  error: string | null;
  pending: Command[];
  work: WorkProgress[];
  /** null where the round trains; how many graphs it has measured, of all, and on which device (null: here) */
  measuring: { done: number; of: number; device: string | null } | null;
  architecture: string | null;
}

interface Bodies {
  view: { seq: number; view: View };
  events: { from_seq: number; to_seq: number; events: SearchEvent[] };
  beside: Telemetry;
}

export type ServerMessage = { [K in keyof Bodies]: { type: K } & Bodies[K] }[keyof Bodies];
