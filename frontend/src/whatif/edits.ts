// The possible edits of a cell: removing an active edge or a node, restoring a removed edge. Pure; useWhatIf requests the
// costs.
import type { Limits } from "../api/engine";
import type { Edit, Over } from "../api/types";
import type { DagGraph, DagNode, Target } from "../dag/graph";
import { LIMITS } from "../format/costs";
import { joinWords } from "../format/text";
import type { Cost, Macro } from "../live/events";

/** The current cell, and the whole graph that it was cut from. */
export interface Cell {
  readonly whole: DagGraph;
  readonly activeEdges: ReadonlySet<string>;
  readonly nodes: readonly DagNode[];
}

export interface PossibleEdit {
  readonly target: Target;
  readonly edit: Edit;
}

/** The costs after one edit; `cost` is null if it is impossible, and `whyNot` says why. */
export interface EditPrice {
  readonly cost: Cost | null;
  readonly whyNot: string | null;
  readonly over: readonly Over[];
  readonly nodes: readonly number[];
  readonly edges: readonly string[];
}

export type Prices = ReadonlyMap<Target, EditPrice>;

export function requestGraph({ whole, activeEdges, nodes }: Cell) {
  return {
    nodes: nodes.map(({ id, op, rank, attrs = {}, cell = 0 }) => ({
      ...{ id, op, rank },
      ...(Object.keys(attrs).length > 0 && { attrs }),
      ...(cell !== 0 && { cell }),
    })),
    edges: whole.edges
      .filter((edge) => activeEdges.has(edge.id))
      .map(({ id, source, target }) => ({ id, source, target })),
  };
}

export function possibleEdits({ whole, activeEdges, nodes }: Cell): PossibleEdit[] {
  const present = new Set(nodes.map((node) => node.id));
  const edges = whole.edges
    .filter(({ id, source, target }) => activeEdges.has(id) || (present.has(source) && present.has(target)))
    .map(({ id }): PossibleEdit => {
      return { target: id, edit: { kind: activeEdges.has(id) ? "remove_edge" : "add_edge", edge: id } };
    });
  const gone = nodes
    .filter(({ op }) => op !== "input")
    .map(({ id }): PossibleEdit => ({ target: String(id), edit: { kind: "remove_node", node: id } }));
  return [...edges, ...gone];
}

/** How often the graph is in the network. */
export function countCells(macro: Macro): number {
  if (macro.kind === "image") return macro.stages.reduce((sum, stage) => sum + stage.cells, 0);
  return macro.kind === "nasbench201" ? macro.scales.length * macro.cells : 1;
}

/** All possible edits in batches that the server accepts; none if the graph itself is too large for it. */
export function editBatches(cell: Cell, macro: Macro, limits: Limits["what_if"]): PossibleEdit[][] {
  const edits = possibleEdits(cell);
  if (cell.nodes.length > limits.nodes || cell.activeEdges.size > limits.edges) return [];
  const graph = Math.max(1, countCells(macro) * (3 * cell.nodes.length + cell.activeEdges.size + 1));
  const size = Math.min(limits.edits, Math.floor(limits.steps / graph) - 1);
  if (size < 1) return [];
  const parts: PossibleEdit[][] = [];
  for (let i = 0; i < edits.length; i += size) parts.push(edits.slice(i, i + size));
  return parts;
}

/** "fits all limits", "over MACs and peak memory"; empty if there is no limit. */
export function describeExceeded(over: readonly { limit: string }[], limited: boolean): string {
  if (!limited) return "";
  if (over.length === 0) return "fits all limits";
  return `over ${joinWords(over.map(({ limit }) => LIMITS.find(({ key }) => key === limit)?.inline ?? limit))}`;
}
