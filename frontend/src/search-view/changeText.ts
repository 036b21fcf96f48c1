// What a candidate or a step changes, as text: the edge that it cuts, or what the search calls it.
import { capitalise, formatEdge } from "../format/text";

export interface CellChange {
  /** the edge that is cut; null if the change is another one, or none */
  readonly edge: string | null;
  readonly label: string | null;
}

export const NO_CHANGE = "no change";

/** "2→5", "12 edges", "adds 2→5", or "no change" */
export function changeName({ edge, label }: CellChange): string {
  if (edge !== null) return formatEdge(edge);
  return label === null ? NO_CHANGE : label.replace(EDGE, "$1→$2");
}

/** A decided change: "2→5 cut", "New cell: adds 2→5", or "No change" */
export function describeChange(change: CellChange): string {
  const name = changeName(change);
  if (change.edge !== null) return `${name} cut`;
  return name === NO_CHANGE ? capitalise(name) : `New cell: ${name}`;
}

/** The same as a sentence for a screen reader: "Edge 2 to 5 cut." */
export function speakChange(change: CellChange): string {
  const text = `${change.edge === null ? "" : "Edge "}${describeChange(change)}.`;
  return text.replaceAll("→", " to ");
}

/** Whether a candidate differs from the current cell. */
export function changesCell({ edge, label }: CellChange): boolean {
  return edge !== null || label !== null;
}

/** An edge within a label of the search. */
const EDGE = /\b(\d+)-(\d+)\b/g;
