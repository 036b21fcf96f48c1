// The line of a branch: its own history, after that of its ancestors up to where each was left.
import { applyEdits } from "./edits";
import type { NodeRow, SearchEvent } from "./events";
import { type Branch, type HandEdit, type History, lastStep, type PastCommand, type Step } from "./history";

export interface Line {
  readonly branch: number;
  /** the earliest step that can be shown: 0, or the first step of a fork */
  readonly first: number;
  readonly last: number;
  /** active edges at the first step */
  readonly start: readonly string[];
  /** nodes at the first step */
  readonly nodes: readonly NodeRow[];
  readonly steps: readonly Step[];
  readonly edited: readonly HandEdit[];
  readonly commands: readonly PastCommand[];
  readonly parts: readonly LinePart[];
}

/** A branch of a line, as far as it belongs to it. */
interface LinePart {
  readonly branch: number;
  /** the event that opened it */
  readonly seq: number;
  /** it was left before this round */
  readonly before: number;
  /** decisions made by then */
  readonly until: number;
}

const NO_LINE: Line = {
  branch: 0,
  first: 0,
  last: 0,
  start: [],
  nodes: [],
  steps: [],
  edited: [],
  commands: [],
  parts: [],
};

const known = new WeakMap<History, Map<number, Line>>();

export function lineOf(history: History, branch: number): Line {
  const lines = known.get(history) ?? new Map<number, Line>();
  known.set(history, lines);
  const line = lines.get(branch) ?? buildLine(history, branch);
  lines.set(branch, line);
  return line;
}

function buildLine(history: History, branch: number): Line {
  let current = branchOf(history, branch);
  let line: Line = { ...NO_LINE, branch, last: current ? lastStep(current) : 0 };
  let round = Number.POSITIVE_INFINITY;
  let until = Number.POSITIVE_INFINITY;
  while (current) {
    const { parent, first, start, nodes, seq } = current;
    // A branch starts at the state before a round of its parent.
    const last = round;
    const before = (entry: { round: number }) => entry.round < last;
    const steps = current.steps.filter(before);
    line = {
      ...line,
      first,
      start,
      nodes,
      steps: [...steps, ...line.steps],
      edited: [...current.edited.filter(before), ...line.edited],
      commands: [...current.commands.filter(before), ...line.commands],
      parts: [{ branch: current.branch, seq, before: round, until }, ...line.parts],
    };
    if (parent === null || parent.search !== null) break;
    round = parent.round;
    until = first;
    current = branchOf(history, parent.branch);
  }
  return line;
}

export function branchOf({ branches }: History, branch: number): Branch | undefined {
  return branches.find((each) => each.branch === branch);
}

/** The decision that led to a step; undefined for the first step. */
export function decisionAt({ first, steps }: Line, step: number): Step | undefined {
  return steps[step - first - 1];
}

/** Whether what happened in a branch after so many decisions belongs to the line. */
export function isInLine({ parts }: Line, branch: number, step: number): boolean {
  return parts.some((part) => part.branch === branch && step <= part.until);
}

/** Whether an event of the log happened in the line. */
export function isLineOf({ parts }: Line, event: Pick<SearchEvent, "branch" | "round" | "seq">): boolean {
  return parts.some(
    ({ branch, before, seq }) => branch === event.branch && (event.round < before || event.seq <= seq),
  );
}

const LEAST_SPACING = 32; // steps between the cells that are kept
const MOST_KEPT = 40_000; // edges of all cells that are kept of a line

/** The cells after each so many decisions. */
interface KeptCells {
  readonly spacing: number;
  readonly cells: readonly ReadonlySet<string>[];
}

const keptCells = new WeakMap<Line, KeptCells>();

/** The active edges at a step, with people's edits before the next decision. */
export function cellAt(line: Line, step: number): ReadonlySet<string> {
  const cell = activeAfter(line, step - line.first);
  editByHand(cell, line, step - line.first);
  return cell;
}

/** The active edges as a step was decided, which its score belongs to. */
export function decidedCell(line: Line, step: number): ReadonlySet<string> {
  return activeAfter(line, step - line.first);
}

function activeAfter(line: Line, count: number): Set<string> {
  if (count < 0 || count > line.steps.length) return new Set();
  const kept = keptCells.get(line) ?? cellsToKeep(line);
  keptCells.set(line, kept);
  const from = Math.floor(count / kept.spacing);
  const cell = new Set(kept.cells[from]);
  decide(cell, line, from * kept.spacing, count);
  return cell;
}

/** The cells after some of the decisions: those of all steps of a long search would be large. */
function cellsToKeep(line: Line): KeptCells {
  const { start, steps } = line;
  const spacing = Math.max(LEAST_SPACING, Math.ceil((steps.length * start.length) / MOST_KEPT));
  const cell = new Set(start);
  const cells = [new Set(cell)];
  for (let count = spacing; count <= steps.length; count += spacing) {
    decide(cell, line, count - spacing, count);
    cells.push(new Set(cell));
  }
  return { spacing, cells };
}

/** Turns the cell after `from` decisions into that after `to`. */
function decide(cell: Set<string>, line: Line, from: number, to: number): void {
  for (let count = from; count < to; count += 1) {
    editByHand(cell, line, count);
    const step = line.steps[count];
    if (step) applyEdits(cell, step.edits);
  }
}

/** What people changed after so many decisions, and before the next. */
function editByHand(cell: Set<string>, { steps, edited }: Line, count: number): void {
  const after = steps[count - 1]?.seq ?? 0;
  const before = steps[count]?.seq ?? Number.POSITIVE_INFINITY;
  for (const { seq, edits } of edited) if (seq > after && seq < before) applyEdits(cell, edits);
}
