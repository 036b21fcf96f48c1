// What a candidate or a step changes, as text: the edge that it cuts, what the search calls it, or its edits in words.
import { opName, widthOf } from "../dag/graph";
import { capitalise, formatEdge, joinWords, plural } from "../format/text";
import { cutEdge, isUnchanged } from "../live/edits";
import type { Edits } from "../live/events";
import type { Step } from "../live/history";
import type { Line } from "../live/line";
import { changesAt } from "../live/lineNodes";
import type { NodeChange } from "../live/view";
import { describeBlocks } from "./blockText";

export interface GraphChange {
  readonly edits: Edits;
  /** what the search calls it */
  readonly label: string | null;
  /** what became of its nodes; absent if it is unknown what they were */
  readonly changes?: readonly NodeChange[] | null | undefined;
}

export const NO_CHANGE = "no change";

/** What a decided step changed, with what its nodes were before. */
export function changeOfStep(line: Line, step: Step): GraphChange {
  return { ...step, changes: changesAt(line, step.step) };
}

/** "2→5", "12 edges", "adds 2→5", "widened node 2 to 48", "block 3: 80 to 96 channels", or "no change" */
export function changeName({ edits, label, changes }: GraphChange): string {
  const edge = cutEdge(edits);
  if (edge !== null) return formatEdge(edge);
  // A label counts edges, and a chain has those of any other.
  const blocks = describeBlocks(edits, changes ?? null);
  if (blocks !== "") return blocks;
  if (label !== null) return withArrows(label);
  return isUnchanged(edits) ? NO_CHANGE : uncapitalised(describeEdits(edits, changes ?? null));
}

/** A decided change: "2→5 cut", "New cell: adds 2→5", "Widened node 2 to 48", "Block 3: 80 to 96 channels", or "No change" */
export function describeChange(change: GraphChange): string {
  const { edits, label } = change;
  const edge = cutEdge(edits);
  if (edge !== null) return `${formatEdge(edge)} cut`;
  const blocks = describeBlocks(edits, change.changes ?? null);
  if (blocks !== "") return capitalise(blocks);
  const name = changeName(change);
  return label === null || name === NO_CHANGE ? capitalise(name) : `New cell: ${name}`;
}

/** The same as a sentence for a screen reader: "Edge 2 to 5 cut." */
export function speakChange(change: GraphChange): string {
  const text = `${cutEdge(change.edits) === null ? "" : "Edge "}${describeChange(change)}.`;
  return text.replaceAll("→", " to ");
}

/** Whether a candidate differs from the current cell. */
export function changesCell({ edits }: Pick<GraphChange, "edits">): boolean {
  return !isUnchanged(edits);
}

/**
 * Edits in plain words: "Cut 2→5", "Removed node 3 and 4 edges", "Changed node 2 to sep3", "Widened node 2 to 48".
 * `changes`: what became of the changed nodes, if it is known what they were.
 */
export function describeEdits(edits: Edits, changes: readonly NodeChange[] | null): string {
  const blocks = describeBlocks(edits, changes);
  if (blocks !== "") return capitalise(blocks);
  const parts = [
    describeCuts(edits),
    described(
      "Added",
      edits.nodes_added.map(([id]) => id),
      edits.edges_added,
    ),
    ...edits.nodes_changed.map(([node, op, , attrs = {}]) => {
      const was = changes?.find((each) => each.node === node)?.was ?? null;
      return describeNodeChange({ node, was, is: { op, attrs } });
    }),
  ].filter(Boolean);
  return parts.length === 0
    ? capitalise(NO_CHANGE)
    : [parts[0], ...parts.slice(1).map(uncapitalised)].join(", ");
}

/** What went with the edits because nothing reaches it any more; empty if nothing did. */
export function describeLost({ edges_lost, nodes_lost }: Edits): string {
  const count = edges_lost.length + nodes_lost.length;
  if (count === 0) return "";
  const rest = count === 1 ? "it had no input left" : "they had no input left";
  return `${described("", nodes_lost, edges_lost)} removed too: ${rest}`;
}

function describeCuts(edits: Edits): string {
  const { edges_removed: edges, nodes_removed: nodes } = edits;
  return nodes.length === 0 && edges.length === 1
    ? `Cut ${formatEdge(edges[0] ?? "")}`
    : described("Removed", nodes, edges);
}

const NAMED = 3; // parts that are named; of more there is the number

function described(verb: string, nodes: readonly number[], edges: readonly string[]): string {
  const named = [
    nodes.length > 0 && (nodes.length === 1 ? `node ${nodes[0]}` : plural(nodes.length, "node")),
    edges.length > 0 &&
      (nodes.length === 0 && edges.length <= NAMED
        ? joinWords(edges.map(formatEdge))
        : plural(edges.length, "edge")),
  ].filter((part) => part !== false);
  return named.length === 0 ? "" : `${verb} ${joinWords(named)}`.trim();
}

function describeNodeChange({ node, was, is }: NodeChange): string {
  const [op, width] = [opName(is?.op ?? ""), widthOf(is?.attrs)];
  const before = was && widthOf(was.attrs);
  if (was?.op !== is?.op) {
    const isNew = width !== null && width !== before;
    return `Changed node ${node} to ${isNew ? `${op} of width ${width}` : op}`;
  }
  if (width === null || width === before) return `Changed node ${node}`;
  if (before === null) return `Changed node ${node} to width ${width}`;
  return `${width > before ? "Widened" : "Narrowed"} node ${node} to ${width}`;
}

function withArrows(label: string): string {
  return label.replace(EDGE, "$1→$2");
}

function uncapitalised(text: string): string {
  return text.charAt(0).toLowerCase() + text.slice(1);
}

/** An edge within a label of the search. */
const EDGE = /\b(\d+)-(\d+)\b/g;
