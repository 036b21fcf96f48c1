// The state of a search after some number of decisions, reconstructed from its history and log. A step shows the cell as
// it was when the step was decided; manual edits made afterwards show at the next step.
import type { Budget, Cost, LogLine, View, ViewBranch, ViewEdge, ViewStep } from "../live/events";
import { withEvidence } from "../live/reducer";

/** The earliest step that can be shown: 0, or the first step of a fork. */
export function firstStep(view: View): number {
  return view.step - view.history.length;
}

/** The decision that led to a step; undefined for the first step. */
export function decisionAt(view: View, step: number): ViewStep | undefined {
  return view.history[step - firstStep(view) - 1];
}

/** The branch that a log line belongs to. */
export function branchOf(view: View, { seq }: Pick<LogLine, "seq">): ViewBranch | undefined {
  return view.branches.findLast((branch) => branch.seq <= seq);
}

/** The decision that a log line is about; undefined if the view has it no more. */
export function decisionOf(view: View, line: LogLine): ViewStep | undefined {
  const branch = branchOf(view, line);
  const steps = branch?.status === "left" ? branch.history : view.history;
  return steps.find(({ step }) => step === line.step);
}

/** The step that removed an edge that `step` shows as removed: since then it may have been added and removed again. */
export function removalStep(view: View, { id, step: latest }: ViewEdge, step: number): number | null {
  if (latest !== null && latest <= step) return latest;
  let at = step;
  while (decisionAt(view, at - 1)?.gone.includes(id)) at -= 1;
  const known = at === 1 || decisionAt(view, at - 1) !== undefined; // else a fork's parent removed it
  return known ? at : null;
}

/** The active edges after `step` decisions; the current ones if null. */
export function activeEdgesAt(view: View, step: number | null): Set<string> {
  if (step === null) return new Set(view.edges.filter((e) => e.state === "active").map((e) => e.id));
  const decision = decisionAt(view, step);
  if (decision) {
    const gone = new Set(decision.gone);
    return new Set(view.edges.filter((e) => !gone.has(e.id)).map((e) => e.id));
  }
  if (step === 0) return new Set(view.edges.map((e) => e.id));
  const active = activeEdgesAt(view, null);
  for (const { kind, edge } of linesAfter(view, step).reverse()) {
    if (edge !== null && kind === "edge_removed") active.add(edge);
    if (edge !== null && kind === "edge_added") active.delete(edge);
  }
  return new Set(view.edges.filter((e) => active.has(e.id)).map((e) => e.id));
}

/** The locked edges by id and nodes by number. */
export function lockedAt(view: View, step: number | null): Set<string> {
  const locked = new Set([
    ...view.edges.filter((e) => e.locked).map((e) => e.id),
    ...view.nodes.filter((n) => n.locked).map((n) => String(n.id)),
  ]);
  if (step === null) return locked;
  for (const { kind, edge, node } of linesAfter(view, step).reverse()) {
    const target = edge ?? String(node);
    if (kind === "edge_locked" || kind === "node_locked") locked.delete(target);
    if (kind === "edge_unlocked" || kind === "node_unlocked") locked.add(target);
  }
  return locked;
}

export function costAt(view: View, step: number): Cost | null {
  const decision = decisionAt(view, step);
  return decision ? decision.cost : step === 0 ? view.dense : null;
}

/** The limits at that step. */
export function budgetAt(view: View, step: number): Budget | null {
  const changed = (line: LogLine) => line.kind === "budget_changed";
  if (!linesAfter(view, step).some(changed)) return view.budget;
  return linesUntil(view, step).findLast(changed)?.budget ?? view.task?.budget ?? null;
}

export function evidenceAt(view: View, step: number) {
  const fresh = view.edges.map(({ id }) => ({ id, tests: 0, gap_sum: 0, importance: null as number | null }));
  const decided = view.history.filter((each) => each.step <= step);
  return decided.reduce((edges, { tested }) => withEvidence(edges, tested), fresh);
}

/** The log lines of the current branch and of its ancestors up to where they were left. */
export function branchLines(view: View): LogLine[] {
  const own: LogLine[] = [];
  let number: number | null = view.branch;
  let until = Number.POSITIVE_INFINITY;
  while (number !== null) {
    const current: number = number;
    const branch = view.branches.find((each) => each.branch === current);
    if (!branch) break;
    const end = view.branches.find((each) => each.branch === current + 1)?.seq ?? Number.POSITIVE_INFINITY;
    const lines = view.log.filter((line) => line.seq >= branch.seq && line.seq < end);
    own.unshift(...linesUpTo(lines, until, branch.step));
    number = branch.parent && branch.parent.search === null ? branch.parent.branch : null;
    until = Math.min(until, branch.step);
  }
  return own;
}

function linesUpTo(lines: LogLine[], step: number, first: number): LogLine[] {
  if (step === Number.POSITIVE_INFINITY) return lines;
  const last = lines.findIndex((line) => line.kind === "step_decided" && line.step === step);
  if (last >= 0) return lines.slice(0, last + 1);
  return step <= first ? lines.filter((line) => OPENING.has(line.kind)) : [];
}

const OPENING: ReadonlySet<string> = new Set(["search_started", "branch_opened"]);

function splitIndex(view: View, step: number): number {
  const lines = branchLines(view);
  const decided = lines.findLastIndex((line) => line.kind === "step_decided" && (line.step ?? 0) <= step);
  if (decided >= 0) return decided + 1;
  return lines.findLastIndex((line) => OPENING.has(line.kind) && (line.step ?? 0) <= step) + 1;
}

function linesAfter(view: View, step: number): LogLine[] {
  return branchLines(view).slice(splitIndex(view, step));
}

function linesUntil(view: View, step: number): LogLine[] {
  return branchLines(view).slice(0, splitIndex(view, step));
}
