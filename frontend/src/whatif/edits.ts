/* Edits of a cell that can be asked about, one for each thing that a person may point at: an edge or a node without
   which it would be, an edge that was cut and would be back. Pure: asking is useWhatIf's. */
import type { Edit, Over } from "../api/types";
import type { DagGraph, DagNode, Target } from "../dag/graph";
import { LIMITS } from "../format/costs";
import { joinWords } from "../format/text";
import type { Cost, Macro } from "../live/events";

/** What the server reckons at once: larger graphs are not asked about, more edits are asked for in parts. */
const MOST_NODES = 32;
const MOST_EDGES = 496;
const MOST_EDITS = 250;
const MOST_STEPS = 400_000; // cells × parts of a cell × graphs

/** A cell as it is now, and what it was cut from. */
export interface Cell {
  readonly whole: DagGraph;
  readonly living: ReadonlySet<string>;
  readonly nodes: readonly DagNode[];
}

export interface PossibleEdit {
  readonly target: Target;
  readonly edit: Edit;
}

/** One edit's figures; `cost` null where it cannot be made, with the reason. */
export interface EditPrice {
  readonly cost: Cost | null;
  readonly whyNot: string | null;
  readonly over: readonly Over[];
  readonly nodes: readonly number[];
  readonly edges: readonly string[];
}

export type Prices = ReadonlyMap<Target, EditPrice>;

export function requestGraph({ whole, living, nodes }: Cell) {
  return {
    nodes: nodes.map(({ id, op, rank }) => ({ id, op, rank })),
    edges: whole.edges
      .filter((edge) => living.has(edge.id))
      .map(({ id, source, target }) => ({ id, source, target })),
  };
}

export function possibleEdits({ whole, living, nodes }: Cell): PossibleEdit[] {
  const there = new Set(nodes.map((node) => node.id));
  const edges = whole.edges
    .filter(({ id, source, target }) => living.has(id) || (there.has(source) && there.has(target)))
    .map(({ id }): PossibleEdit => {
      return { target: id, edit: { kind: living.has(id) ? "remove_edge" : "add_edge", edge: id } };
    });
  const gone = nodes
    .filter(({ op }) => op !== "input")
    .map(({ id }): PossibleEdit => ({ target: String(id), edit: { kind: "remove_node", node: id } }));
  return [...edges, ...gone];
}

export function countCells(macro: Macro): number {
  return "vocabulary" in macro ? 1 : macro.stages.reduce((sum, stage) => sum + stage.cells, 0);
}

/** The edits in as many parts as it takes; none where the graph is too large to be asked about. */
export function editBatches(cell: Cell, macro: Macro): PossibleEdit[][] {
  const edits = possibleEdits(cell);
  if (cell.nodes.length > MOST_NODES || cell.living.size > MOST_EDGES) return [];
  const graph = Math.max(1, countCells(macro) * (3 * cell.nodes.length + cell.living.size + 1));
  const size = Math.min(MOST_EDITS, Math.floor(MOST_STEPS / graph) - 1);
  if (size < 1) return [];
  const parts: PossibleEdit[][] = [];
  for (let i = 0; i < edits.length; i += size) parts.push(edits.slice(i, i + size));
  return parts;
}

/** "inside every limit", "over MACs and peak memory"; nothing where there is no limit. */
export function describeExceeded(over: readonly { limit: string }[], limited: boolean): string {
  if (!limited) return "";
  if (over.length === 0) return "inside every limit";
  return `over ${joinWords(over.map(({ limit }) => LIMITS.find(({ key }) => key === limit)?.inline ?? limit))}`;
}
