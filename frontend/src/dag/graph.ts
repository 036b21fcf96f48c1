// What a drawing of a cell is given: plain nodes and edges, and how each should look now.

export interface DagNode {
  id: number;
  op: string;
  rank: number;
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
  /** 0…1, how much cutting it would cost; null while nobody knows */
  fitness: number | null;
  /** how often it was tested */
  tests: number;
  /** a command on it waits for the end of the round */
  pending: boolean;
  /** the state in words, for whoever cannot see the drawing */
  label: string;
}

export interface NodeAppearance {
  id: number;
  op: string;
  removed: boolean;
  /** its output goes on to the next stage */
  leaf: boolean;
  locked: boolean;
  pending: boolean;
  label: string;
}

/** What can be chosen: an edge by its id, "2-5", or a node by its number, "3". */
export type Target = string;

/** The number of the node that a target names; null for an edge. */
export function nodeNumber(target: Target | null): number | null {
  return target !== null && /^\d+$/.test(target) ? Number(target) : null;
}

export interface Scene {
  edges: readonly EdgeAppearance[];
  nodes: readonly NodeAppearance[];
  /** the edge or node that a person looks at; null lets the next cut stand out */
  focus: Target | null;
  /** the previous picture is still shown, pale, because there is no newer one */
  pale?: boolean;
}

export const STATE_WORDS: Record<EdgeState, string> = {
  active: "active",
  next: "next cut",
  locked: "locked",
  infeasible: "infeasible",
  removed: "cut",
};

/** Evidence in three depths: hardly tested, some, plenty. */
export function evidenceLevel(tests: number): 1 | 2 | 3 {
  return tests >= 6 ? 3 : tests >= 3 ? 2 : 1;
}

/** Nodes from left to right. */
export function sortByRank<T extends { id: number; rank: number }>(nodes: readonly T[]): T[] {
  return [...nodes].sort((a, b) => a.rank - b.rank || a.id - b.id);
}

const LETTER = 5.7; // of an operation's name, in pixels

/** An operation's name, cut to the room that a node has for it. */
export function fitOpName(op: string, width: number): string {
  const room = Math.floor((width - 3) / LETTER);
  return op.length <= room ? op : `${op.slice(0, Math.max(1, room - 1))}.`;
}

/** Above this many edges a node, lines become a grey block and the matrix is the better picture. */
export const DENSE = 6;

export function isDense(graph: DagGraph): boolean {
  return graph.nodes.length > 0 && graph.edges.length / graph.nodes.length > DENSE;
}
