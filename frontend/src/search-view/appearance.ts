// How a moment looks in the drawing of all parts that the search ever had: parts that came later are not there yet.
import { describeDifference, isChain } from "../dag/chain/blocks";
import type { ChainChange, DagGraph, EdgeAppearance, NodeAppearance } from "../dag/graph";
import { decisionAt, type Line } from "../live/line";
import type { NodeChange } from "../live/view";
import { describeBlocks } from "./blockText";
import { changeOfStep, changesCell, NO_CHANGE } from "./changeText";
import { edgeLabel, nodeLabel } from "./explanation";
import type { Moment } from "./moment";

export function edgeAppearances(graph: DagGraph, moment: Moment): EdgeAppearance[] {
  const edges = new Map(moment.edges.map((edge) => [edge.id, edge]));
  return graph.edges.map(({ id, source, target }) => {
    const edge = edges.get(id);
    if (edge) return { ...edge, pending: edge.pendingCommand !== null, label: edgeLabel(edge, moment) };
    const label = `Edge ${source} to ${target}, not added yet`;
    return { id, state: "removed", importance: null, tests: 0, pending: false, label };
  });
}

export function nodeAppearances(graph: DagGraph, moment: Moment): NodeAppearance[] {
  const nodes = new Map(moment.nodes.map((node) => [node.id, node]));
  return graph.nodes.map(({ id, op }) => {
    const node = nodes.get(id);
    if (node) return { ...node, pending: node.pendingCommand !== null, label: nodeLabel(node) };
    const label = `Node ${id}, ${op}, not added yet`;
    return { id, op, width: null, removed: true, leaf: false, locked: false, pending: false, label };
  });
}

const ALL = Number.POSITIVE_INFINITY;

/** What is marked on the blocks of a chain: the change by a candidate, else by the step that is shown; null: nothing. */
export function markedChange(moment: Moment, line: Line, candidate: number | null): ChainChange | null {
  if (!isChain(moment.nodes)) return null;
  const tried = moment.candidates.find(({ id }) => id === candidate);
  if (tried) {
    const others = new Map(tried.changes.filter(isVisible).map(({ node, is }) => [node, is] as const));
    return {
      by: "candidate",
      words: `This candidate: ${describeBlocks(tried.edits, tried.changes, ALL) || NO_CHANGE}`,
      others,
    };
  }
  const step = moment.isAnswer ? undefined : decisionAt(line, moment.step);
  if (!step || !changesCell(step)) return null;
  const change = changeOfStep(line, step);
  return {
    by: "step",
    words: `Step ${step.step}: ${describeBlocks(step.edits, change.changes ?? null)}`,
    others: new Map([
      ...(change.changes ?? []).filter(isVisible).map(({ node, was }) => [node, was] as const),
      ...step.edits.nodes_added.map(([node]) => [node, null] as const),
    ]),
  };
}

/** Not of a block that only moves to another place. */
function isVisible({ was, is }: NodeChange): boolean {
  return was === null || is === null || describeDifference(was, is) !== "";
}
