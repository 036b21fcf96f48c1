// What a candidate or a step changes, as text: the edge that it cuts, what the search calls it, or its edits in words.
import { capitalise, formatEdge, joinWords, plural } from "../format/text";
import { cutEdge, isUnchanged } from "../live/edits";
import type { Attrs, Edits } from "../live/events";
import type { NodeChange } from "../live/view";

export interface GraphChange {
  readonly edits: Edits;
  /** what the search calls it */
  readonly label: string | null;
}

export const NO_CHANGE = "no change";

/** "2→5", "12 edges", "adds 2→5", "widened node 2 to 48", or "no change" */
export function changeName({ edits, label }: GraphChange): string {
  const edge = cutEdge(edits);
  if (edge !== null) return formatEdge(edge);
  if (label !== null) return withArrows(label);
  return isUnchanged(edits) ? NO_CHANGE : uncapitalised(describeEdits(edits, null));
}

/** A decided change: "2→5 cut", "New cell: adds 2→5", "Widened node 2 to 48", or "No change" */
export function describeChange(change: GraphChange): string {
  const { edits, label } = change;
  const edge = cutEdge(edits);
  if (edge !== null) return `${formatEdge(edge)} cut`;
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
  const parts = [
    describeCuts(edits),
    described(
      "Added",
      edits.nodes_added.map(([id]) => id),
      edits.edges_added,
    ),
    ...(changes ?? edits.nodes_changed.map(changeOfRow)).map(describeNodeChange),
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

function describeNodeChange({ node, op, width, wider }: NodeChange): string {
  if (op === null && width !== null && wider !== null)
    return `${wider ? "Widened" : "Narrowed"} node ${node} to ${width}`;
  if (op === null && width !== null) return `Changed node ${node} to width ${width}`;
  if (op !== null) return `Changed node ${node} to ${width === null ? op : `${op} of width ${width}`}`;
  return `Changed node ${node}`;
}

/** What a changed node is now, where it is not known what it was. */
function changeOfRow([node, op, , attrs]: [number, string, number, Attrs?, number?]): NodeChange {
  return { node, op, width: typeof attrs?.width === "number" ? attrs.width : null, wider: null };
}

function withArrows(label: string): string {
  return label.replace(EDGE, "$1→$2");
}

function uncapitalised(text: string): string {
  return text.charAt(0).toLowerCase() + text.slice(1);
}

/** An edge within a label of the search. */
const EDGE = /\b(\d+)-(\d+)\b/g;
