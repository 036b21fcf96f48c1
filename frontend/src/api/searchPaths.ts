// The paths of a search's log and candidates, until the generated schema has them: then this file goes, client.ts uses
// `paths` alone, and types.ts takes the types below from the schema.
import type { components, paths } from "./schema";

/** Events in the form of live/events.ts, oldest first. */
export interface EventPage {
  from_seq: number;
  to_seq: number;
  events: object[];
}

/** `snapshot` is that of live/events.ts; null before the first turn. */
export interface SearchSnapshot {
  seq: number;
  snapshot: object | null;
}

export type CandidateField = keyof CandidateColumns;

/** One list for each field, all in the same order. */
export interface CandidateColumns {
  branch: number[];
  id: number[];
  step: number[];
  phase: string[];
  seq: number[];
  status: ("waiting" | "skipped" | "ok" | "error")[];
  code: (string | null)[];
  label: (string | null)[];
  hash: string[];
  feasible: boolean[];
  why_not: (string | null)[];
  quality: (number | null)[];
  score: (number | null)[];
  params: number[];
  macs: number[];
  peak_memory: number[];
  latency: (number | null)[];
  /** in the form of live/events.ts */
  edits: object[];
  parents: number[][];
  cost: object[];
}

export interface CandidatePage {
  /** of all candidates that match */
  count: number;
  /** the greatest of them */
  seq: number;
  columns: Partial<CandidateColumns>;
}

/** A candidate with everything that is known of it. */
export type CandidateDetail = { [K in CandidateField]: CandidateColumns[K][number] } & {
  curve: components["schemas"]["CurvePoint"][];
};

type SortedField = "id" | "step" | "quality" | "score" | "params" | "macs" | "peak_memory" | "latency";
export type CandidateSort = SortedField | `-${SortedField}`;

interface CandidateQuery {
  branch?: number;
  step?: number;
  status?: CandidateColumns["status"][number];
  feasible?: boolean;
  after_seq?: number;
  until_seq?: number;
  phase?: "descent" | "choice" | "answer";
  sort?: CandidateSort;
  limit?: number;
  offset?: number;
  pareto?: string;
  fields?: string;
}

interface EventQuery {
  since?: number;
  before?: number;
  at?: number;
  limit?: number;
  kind?: string[];
}

interface Reading<Path, Query, Body> {
  parameters: { query?: never; header?: never; path?: never; cookie?: never };
  get: {
    parameters: { query?: Query; header?: never; path: Path; cookie?: never };
    requestBody?: never;
    responses: {
      200: { headers: { [name: string]: unknown }; content: { "application/json": Body } };
      404: { headers: { [name: string]: unknown }; content: { "application/json": object } };
    };
  };
}

interface SearchPaths {
  "/api/searches/{id}/events": Reading<{ id: string }, EventQuery, EventPage>;
  "/api/searches/{id}/snapshot": Reading<{ id: string }, never, SearchSnapshot>;
  "/api/searches/{id}/candidates": Reading<{ id: string }, CandidateQuery, CandidatePage>;
  "/api/searches/{id}/candidates/{branch}/{number}": Reading<
    { id: string; branch: number; number: number },
    never,
    CandidateDetail
  >;
}

export type Paths = Omit<paths, keyof SearchPaths | "/api/searches/{id}/view"> & SearchPaths;
