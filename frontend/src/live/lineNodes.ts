// The nodes of a search at its steps, for graphs whose nodes change and whose edges say little: chains of blocks.
import { editedNodes, nodeChanges } from "./edits";
import type { NodeRow } from "./events";
import { decisionAt, type Line } from "./line";
import type { NodeChange } from "./view";

type Rows = readonly NodeRow[];

/** Per number of decisions: the nodes as the last of them was decided, and with people's edits before the next. */
interface Nodes {
  readonly decided: readonly Rows[];
  readonly edited: readonly Rows[];
}

const known = new WeakMap<Line, Nodes>();

/** The nodes at a step, with people's edits before the next decision. */
export function nodesAt(line: Line, step: number): Rows {
  return nodesOf(line).edited[step - line.first] ?? [];
}

/** The nodes as a step was decided, which its score belongs to. */
export function decidedNodes(line: Line, step: number): Rows {
  return nodesOf(line).decided[step - line.first] ?? [];
}

/** What the decision of a step made of each node that it changed. */
export function changesAt(line: Line, step: number): NodeChange[] {
  const decision = decisionAt(line, step);
  if (!decision) return [];
  const before = nodesAt(line, step - 1).map(([id, op, , attrs = {}]) => ({ id, op, attrs }));
  return nodeChanges(decision.edits, before);
}

function nodesOf(line: Line): Nodes {
  const nodes = known.get(line) ?? buildNodes(line);
  known.set(line, nodes);
  return nodes;
}

/** Steps that change no node share their rows, so that those of a long search are few. */
function buildNodes({ nodes, steps, edited }: Line): Nodes {
  const [decidedRows, editedRows]: [Rows[], Rows[]] = [[], []];
  let current: Rows = nodes;
  let hand = 0;
  for (let count = 0; count <= steps.length; count += 1) {
    const step = steps[count - 1];
    if (step) current = editedNodes(current, step.edits);
    decidedRows.push(current);
    const next = steps[count]?.seq ?? Number.POSITIVE_INFINITY;
    for (let edit = edited[hand]; edit && edit.seq < next; edit = edited[++hand])
      current = editedNodes(current, edit.edits);
    editedRows.push(current);
  }
  return { decided: decidedRows, edited: editedRows };
}
