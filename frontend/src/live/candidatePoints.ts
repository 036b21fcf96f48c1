// What charts need of each measured candidate, from the columns of the table of candidates.
import type { CandidateField, CandidatePage } from "../api/types";
import { isChain } from "../dag/chain/blocks";
import type { LimitKey } from "../format/costs";
import { cutEdge } from "./edits";
import type { Budget, Edits } from "./events";
import { isInLine, type Line } from "./line";

export interface CandidatePoint extends Record<Exclude<LimitKey, "latency">, number> {
  /** of its branch and its id */
  readonly key: string;
  readonly branch: number;
  readonly id: number;
  /** the step that it was measured for */
  readonly step: number;
  readonly phase: string;
  /** the event that last changed it */
  readonly seq: number;
  /** the edge, if it is the cut of one */
  readonly edge: string | null;
  /** what it is where it is not the cut of one edge */
  readonly label: string | null;
  /** ids of the candidates that it descends from */
  readonly parents: readonly number[];
  readonly quality: number | null;
  readonly score: number | null;
  readonly latency: number | null;
}

export const POINT_FIELDS: readonly CandidateField[] = [
  "branch",
  "id",
  "step",
  "phase",
  "seq",
  "edits",
  "label",
  "parents",
  "quality",
  "score",
  "params",
  "macs",
  "peak_memory",
  "latency",
];

/** More than this many are no picture of single candidates any more; the newest are kept. */
export const MOST_POINTS = 10_000;

export interface PointSet {
  /** the greatest `seq` of those known */
  readonly seq: number;
  /** oldest first */
  readonly points: readonly CandidatePoint[];
  /** none was left out of those up to `seq` */
  readonly wholeToSeq: boolean;
  /** none was left out, and no reading broke off */
  readonly whole: boolean;
}

export const NO_POINTS: PointSet = { seq: 0, points: [], wholeToSeq: true, whole: true };

/** The points with those of some pages of one reading, which replace their older versions. */
export function withPages(known: PointSet, pages: readonly CandidatePage[]): PointSet {
  const [first] = pages;
  if (!first) return known;
  const fresh = pages.flatMap(pointsOf);
  const all = new Map([...known.points, ...fresh].map((point) => [point.key, point]));
  const points = [...all.values()].sort((a, b) => a.branch - b.branch || a.id - b.id);
  const isRead = fresh.length >= first.count;
  const isDone = isRead || fresh.length >= MOST_POINTS;
  const whole = known.wholeToSeq && isRead && points.length <= MOST_POINTS;
  return {
    // What came after the first page was read may be on none of them.
    seq: isDone ? Math.max(known.seq, first.seq) : known.seq,
    points: points.slice(-MOST_POINTS),
    // A reading that breaks off before its last page is repeated from `seq`.
    wholeToSeq: isDone ? whole : known.wholeToSeq,
    whole,
  };
}

/** The candidates that were tested for the steps of a line, up to one. Finalists are of no step. */
export function pointsInLine({ points }: PointSet, line: Line, last: number): CandidatePoint[] {
  return points.filter(
    ({ branch, step, phase }) => phase !== "answer" && step <= last && isInLine(line, branch, step),
  );
}

export function fits(point: CandidatePoint, budget: Budget | null): boolean {
  const keys = ["params", "macs", "peak_memory", "latency"] as const;
  return keys.every((key) => {
    const limit = budget?.[key];
    return typeof limit !== "number" || (point[key] ?? 0) <= limit;
  });
}

function blocksIn({ nodes_changed, nodes_added }: Edits) {
  return [...nodes_changed, ...nodes_added].map(([, , , attrs = {}]) => ({ attrs }));
}

function pointsOf({ columns }: CandidatePage): CandidatePoint[] {
  const { branch = [], id, step, phase, seq, edits, quality, score, params, macs } = columns;
  return branch.map((number, i) => {
    const change = edits?.[i] as Edits | undefined;
    return {
      key: `${number} ${id?.[i] ?? 0}`,
      branch: number,
      id: id?.[i] ?? 0,
      step: step?.[i] ?? 0,
      phase: phase?.[i] ?? "",
      seq: seq?.[i] ?? 0,
      edge: change ? cutEdge(change) : null,
      // A label counts edges, and a chain has those of any other.
      label: change && isChain(blocksIn(change)) ? `candidate ${id?.[i] ?? 0}` : (columns.label?.[i] ?? null),
      parents: columns.parents?.[i] ?? [],
      quality: quality?.[i] ?? null,
      score: score?.[i] ?? null,
      params: params?.[i] ?? 0,
      macs: macs?.[i] ?? 0,
      peak_memory: columns.peak_memory?.[i] ?? 0,
      latency: columns.latency?.[i] ?? null,
    };
  });
}
