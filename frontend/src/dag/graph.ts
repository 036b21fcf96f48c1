// The input of a drawing: plain nodes and edges, and how each should look.
import { formatNumber } from "../format/numbers";

/** Such as width, kernel or stride. */
export type DagAttrs = Readonly<Record<string, number | string | boolean>>;

export interface DagNode {
  id: number;
  op: string;
  rank: number;
  attrs?: DagAttrs;
  /** the stage that it belongs to; 0 if absent */
  cell?: number;
}

export interface DagEdge {
  id: string;
  source: number;
  target: number;
}

export interface DagGraph {
  nodes: readonly DagNode[];
  edges: readonly DagEdge[];
}

export type EdgeState = "active" | "next" | "locked" | "infeasible" | "removed";

export interface EdgeAppearance {
  id: string;
  state: EdgeState;
  /** how much worse than average it is to cut it; null if unknown */
  importance: number | null;
  /** how often it was tested */
  tests: number;
  /** a command on it applies when this step ends */
  pending: boolean;
  /** the state in words, for screen readers */
  label: string;
}

export interface NodeAppearance {
  id: number;
  op: string;
  attrs?: DagAttrs;
  /** null if the search gives it none */
  width: number | null;
  removed: boolean;
  /** its output leaves the cell */
  leaf: boolean;
  locked: boolean;
  pending: boolean;
  label: string;
}

/** What can be selected: an edge by its id, "2-5", or a node by its number, "3". */
export type Target = string;

/** The node number of a target; null for an edge. */
export function nodeNumber(target: Target | null): number | null {
  return target !== null && /^\d+$/.test(target) ? Number(target) : null;
}

/** A change that is marked on the blocks of a chain. */
export interface ChainChange {
  /** of the step that is shown, or of the candidate that is pointed at */
  by: "step" | "candidate";
  words: string;
  /** what each changed block was before the step, or would become; null: it is new, or would go */
  others: ReadonlyMap<number, Pick<DagNode, "op" | "attrs"> | null>;
}

export interface Scene {
  edges: readonly EdgeAppearance[];
  nodes: readonly NodeAppearance[];
  /** the edge or node in focus; if null the next cut is emphasised */
  focus: Target | null;
  /** drawn pale because the connection is lost and the state may be outdated */
  pale?: boolean;
  change?: ChainChange | null;
}

/** What every drawing of a cell is given. */
export interface DrawingProps {
  graph: DagGraph;
  scene: Scene;
  label: string;
  onHover: (target: Target | null) => void;
  onPick: (target: Target | null) => void;
  /** called for arrow keys; defaults to picking the target */
  onWalk?: (target: Target) => void;
  /** any key but the arrows */
  onKey: (key: string) => boolean;
}

export const STATE_WORDS: Record<EdgeState, string> = {
  active: "active",
  next: "next cut",
  locked: "locked",
  infeasible: "not allowed",
  removed: "cut",
};

/** Three levels of evidence by number of tests. */
export function evidenceLevel(tests: number): 1 | 2 | 3 {
  return tests >= 6 ? 3 : tests >= 3 ? 2 : 1;
}

/** Nodes from left to right. */
export function sortByRank<T extends { id: number; rank: number }>(nodes: readonly T[]): T[] {
  return [...nodes].sort((a, b) => a.rank - b.rank || a.id - b.id);
}

const LETTER = 5.7; // width of a letter of an operation's name, in pixels

/** Operations whose names are keys of NAS-Bench-201 -> as they are called. */
const OP_NAMES: Readonly<Record<string, string>> = {
  none: "zero",
  skip_connect: "skip",
  nor_conv_1x1: "conv 1×1",
  nor_conv_3x3: "conv 3×3",
  avg_pool_3x3: "avg pool",
};

/** An operation as it is called on the pages. */
export function opName(op: string): string {
  return OP_NAMES[op] ?? op;
}

/** An operation's name and its width; where both have no room, the width, else nothing: a word is never cut. */
export function fitOpName(op: string, room: number, width: number | null = null): string {
  const figure = width === null ? "" : String(width);
  const whole = `${opName(op)} ${figure}`.trim();
  return [whole, figure].find((text) => text.length * LETTER + 3 <= room) ?? "";
}

/** The width among a node's attributes. */
export function widthOf(attrs: DagAttrs | undefined): number | null {
  return typeof attrs?.width === "number" ? attrs.width : null;
}

/** Whether a node with this operation leaves the cell where no node reads it; a sum that is not the output is lost then. */
export const canLeave = (op: string): boolean => op !== "input" && op !== "sum";

/** Above this many edges per node the trellis is unreadable and the matrix is shown. */
export const DENSE = 6;

export function isDense(graph: DagGraph): boolean {
  return graph.nodes.length > 0 && graph.edges.length / graph.nodes.length > DENSE;
}

/** "conv, kernel 3, width 16" */
export function describeOperation({ op, attrs = {} }: DagNode): string {
  const parts = Object.entries(attrs)
    .sort(([one], [other]) => one.localeCompare(other))
    .map(([name, value]) => `${name} ${typeof value === "number" ? formatNumber(value) : value}`);
  return [opName(op), ...parts].join(", ");
}
