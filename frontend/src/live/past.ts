// Earlier moments of a search: after which event a step is shown, and the page of the log that has it.
import type { SearchEvent } from "./events";
import type { History, Step } from "./history";
import { branchOf, lineOf } from "./line";
import type { Segment } from "./segment";

/** What a page is asked to show: a step, the finalists of a search that has ended, or what is newest. */
export type Wanted = number | "finalists" | null;

export interface Position {
  readonly branch: number;
  readonly step: number;
  /** the event after which it is shown; null: the newest */
  readonly seq: number | null;
  /** the decision that was taken then; null for the last step of a branch */
  readonly decision: Step | null;
  /** of a branch that was left */
  readonly left: boolean;
}

/** The last events before the end of a search at which something can be looked at. */
export interface Ending {
  /** the results of the last round of candidates */
  readonly lastRound: number;
  /** the results of the finalists; null if none were trained */
  readonly finalists: number | null;
}

/** Null while the search goes on. */
export function endingOf(segment: Segment): Ending | null {
  const end = segment.findLast(({ kind }) => kind === "search_finished");
  if (!end) return null;
  const proposal = segment.findLast(({ kind }) => kind === "candidates_proposed");
  const answers = proposal?.kind === "candidates_proposed" && proposal.payload.phase === "answer";
  return answers
    ? { lastRound: proposal.seq - 1, finalists: end.seq - 1 }
    : { lastRound: end.seq - 1, finalists: null };
}

/** Where a step of a branch is shown: before the next decision, or at the end of the branch. */
export function placeOf(
  history: History,
  branch: number,
  wanted: Wanted,
  ending: Ending | null = null,
): Position {
  const line = lineOf(history, branch);
  const end = branchOf(history, branch)?.end ?? null;
  const step = typeof wanted === "number" ? wanted : line.last;
  const at = Math.min(Math.max(step, line.first), line.last);
  const decision = line.steps[at - line.first] ?? null;
  const last = end ?? lastMoment(wanted, ending);
  return { branch, step: at, seq: decision ? decision.seq - 1 : last, decision, left: end !== null };
}

function lastMoment(wanted: Wanted, ending: Ending | null): number | null {
  if (wanted === null || ending === null) return null;
  return wanted === "finalists" ? ending.finalists : ending.lastRound;
}

const STEPS_OF_PAGE = 25;

/**
 * The event up to which the log is read to show it after event `seq`: further than that, so that the steps that
 * follow need no page of their own.
 */
export function pageEnd({ branches }: History, seq: number, before: number): number {
  const branch = branches.findLast((each) => each.seq <= seq);
  const steps = branch?.steps ?? [];
  const next = steps.findIndex((step) => step.seq > seq);
  if (!branch || next < 0) return seq;
  const last = steps[Math.min(Math.ceil((next + 1) / STEPS_OF_PAGE) * STEPS_OF_PAGE, steps.length) - 1];
  return Math.min(last ? last.seq - 1 : seq, before - 1);
}

/** Whether a page of the log that is read up to some event shows what was before. */
export function covers(page: readonly SearchEvent[], seq: number): boolean {
  const [first] = page;
  return first !== undefined && first.seq <= seq;
}
