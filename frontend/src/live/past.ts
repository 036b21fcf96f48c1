// Earlier moments of a search: which event a step is shown at, and the page of the log that has it.
import type { SearchEvent } from "./events";
import type { History, Step } from "./history";
import { branchOf, lineOf } from "./line";

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

/** Where a step of a branch is shown: before the next decision, or at the end of the branch. Null: the newest step. */
export function placeOf(history: History, branch: number, step: number | null): Position {
  const line = lineOf(history, branch);
  const end = branchOf(history, branch)?.end ?? null;
  const at = Math.min(Math.max(step ?? line.last, line.first), line.last);
  const decision = line.steps[at - line.first] ?? null;
  return { branch, step: at, seq: decision ? decision.seq - 1 : end, decision, left: end !== null };
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
