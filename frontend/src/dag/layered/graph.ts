// The input of the layered drawing: nodes with two lines of text, and edges with the size of the tensor they carry.
import { formatInteger } from "../../format/numbers";
import { type DagEdge, opName } from "../graph";

export interface LayeredNode {
  readonly id: number;
  /** the order of running; edges go from lower to higher */
  readonly rank: number;
  /** the first line: "conv 3×3" */
  readonly title: string;
  /** the second line, usually the size of its output; empty if unknown */
  readonly detail: string;
  /** what else it is called, for the search by name: "stage1.cell0.node3.conv" */
  readonly name: string;
  /** letters that its box has room for, so that another operation does not change the layout */
  readonly room?: number;
}

export interface LayeredEdge extends DagEdge {
  /** "64×32×32"; empty if unknown */
  readonly size: string;
}

export interface LayeredGraph {
  readonly nodes: readonly LayeredNode[];
  readonly edges: readonly LayeredEdge[];
}

/** "64×32×32" */
export function formatShape(shape: readonly number[]): string {
  return shape.map(formatInteger).join("×");
}

/** "3 sep3 48": a node of a cell, with its width if the search gives it one. */
export function cellTitle(id: number, op: string, width: number | null): string {
  return [id, opName(op), width].filter((part) => part !== null && part !== "").join(" ");
}

/** Top to bottom, or left to right. */
export type Direction = "down" | "right";

/** Along the longer side of the view. */
export function directionFor(box: { width: number; height: number }): Direction {
  return box.width > box.height * 1.2 ? "right" : "down";
}

const LETTER = 6.7; // width of a letter of a title, in pixels
const SMALL_LETTER = 5.9; // of a detail
const [NARROWEST, WIDEST] = [64, 190];
const HEIGHTS = [26, 40] as const; // with one line of text, and with two

/** The size of a node's box, from the length of its text. */
export function boxOf({ title, detail, room = 0 }: LayeredNode): { width: number; height: number } {
  const text = Math.max(title.length * LETTER, room * LETTER, detail.length * SMALL_LETTER);
  return {
    width: Math.round(Math.min(WIDEST, Math.max(NARROWEST, text + 22))),
    height: detail === "" ? HEIGHTS[0] : HEIGHTS[1],
  };
}

/** Whether both graphs have the same layout: the same edges between boxes of the same sizes. */
export function sameLayout(a: LayeredGraph, b: LayeredGraph): boolean {
  const sameBox = (one: LayeredNode, other: LayeredNode) => {
    const [box, boxOther] = [boxOf(one), boxOf(other)];
    return box.width === boxOther.width && box.height === boxOther.height;
  };
  return (
    a.nodes.length === b.nodes.length &&
    a.edges.length === b.edges.length &&
    a.edges.every(({ id }, i) => id === b.edges[i]?.id) &&
    a.nodes.every((node, i) => {
      const other = b.nodes[i];
      return other !== undefined && node.id === other.id && node.rank === other.rank && sameBox(node, other);
    })
  );
}
