// The line of a branch: its own history, after that of its ancestors up to where each was left.
import { editedEdges } from "./edits";
import type { SearchEvent } from "./events";
import { type Branch, type HandEdit, type History, lastStep, type PastCommand, type Step } from "./history";

export interface Line {
  readonly branch: number;
  /** the earliest step that can be shown: 0, or the first step of a fork */
  readonly first: number;
  readonly last: number;
  /** active edges at the first step */
  readonly start: readonly string[];
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
    const { parent, first, start, seq } = current;
    // A branch starts at the state before a round of its parent.
    const last = round;
    const before = (entry: { round: number }) => entry.round < last;
    const steps = current.steps.filter(before);
    line = {
      ...line,
      first,
      start,
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

const cells = new WeakMap<Line, ReadonlySet<string>[]>();

/** The active edges at each step from the first, people's edits before the next decision included. */
export function cellsOf(line: Line): readonly ReadonlySet<string>[] {
  const found = cells.get(line) ?? buildCells(line);
  cells.set(line, found);
  return found;
}

export function cellAt(line: Line, step: number): ReadonlySet<string> {
  return cellsOf(line)[step - line.first] ?? new Set();
}

function buildCells({ start, steps, edited }: Line): ReadonlySet<string>[] {
  const all: ReadonlySet<string>[] = [];
  let now: ReadonlySet<string> = new Set(start);
  let next = 0;
  const editUntil = (seq: number) => {
    for (; (edited[next]?.seq ?? seq) < seq; next += 1)
      now = editedEdges(now, (edited[next] as HandEdit).edits);
  };
  for (const step of steps) {
    editUntil(step.seq);
    all.push(now);
    now = editedEdges(now, step.edits);
  }
  editUntil(Number.POSITIVE_INFINITY);
  return [...all, now];
}
