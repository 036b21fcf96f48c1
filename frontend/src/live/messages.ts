// Messages of a search's socket: one table from type to body, and the union derived from it.
import type { Command, CurvePoint } from "../api/types";
import type { SearchEvent } from "./events";

export type SearchStatus = "queued" | "running" | "paused" | "finished" | "stopped" | "cancelled" | "failed";

/** Progress of one training, or of one latency measurement while the round measures. */
export interface WorkProgress {
  round: number;
  /** ids of the candidates that it is about; none, if the measured graph is no candidate */
  about: number[];
  status: "queued" | "running" | "done";
  curve: CurvePoint[];
}

export interface RunningOn {
  worker: string;
  /** "CPU", "GPU", or "device": a device that measures */
  device: string;
  since: string;
}

/** null: not known */
export interface TimeLeft {
  /** rounds of candidates, at least and at most, the open one included */
  steps: [number, number] | null;
  /** low, middle and high; counted when the last item finished */
  seconds: [number, number, number] | null;
}

/** State outside the log: only the latest value is sent, it is never replayed. */
export interface Telemetry {
  status: SearchStatus;
  /** of the last event of the log, which may come after this message */
  seq: number;
  waiting: string | null;
  error: string | null;
  pending: Command[];
  /** items of the open round */
  counts: { queued: number; running: number; done: number };
  /** the items that run, and those that finished last */
  work: WorkProgress[];
  /** who runs an item, and since when */
  workers: RunningOn[];
  left: TimeLeft;
  /** how many graphs of the round are measured, and on which device (null: own workers); null while training */
  measuring: { done: number; of: number; device: string | null } | null;
  /** the greatest `seq` of the rows in the table of candidates; 0 if there are none */
  candidates: number;
  architecture: string | null;
}

interface Bodies {
  events: { from_seq: number; to_seq: number; events: SearchEvent[] };
  telemetry: Telemetry;
}

export type ServerMessage = { [K in keyof Bodies]: { type: K } & Bodies[K] }[keyof Bodies];
