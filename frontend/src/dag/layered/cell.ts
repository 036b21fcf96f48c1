// A cell as a graph that is drawn in layers, with the sizes of its tensors.
import { type DagGraph, type DagNode, widthOf } from "../graph";
import { cellTitle, formatShape, type LayeredGraph } from "./graph";

const ROOM = 11; // letters: "12 identity"

/** A cell: nodes by their numbers. `sizes`: of the input and of all other nodes, if they are known. */
export function layersOfCell(
  { nodes, edges }: DagGraph,
  sizes: { readonly input: string; readonly node: string } | null = null,
): LayeredGraph {
  const sizeOf = (node: DagNode) => (node.op === "input" ? sizes?.input : sizes?.node) ?? "";
  const byId = new Map(nodes.map((node) => [node.id, node]));
  return {
    nodes: nodes.map((node) => ({
      id: node.id,
      rank: node.rank,
      title: cellTitle(node.id, node.op, widthOf(node.attrs)),
      detail: sizeOf(node),
      name: `node ${node.id}`,
      room: ROOM,
    })),
    edges: edges.map((edge) => {
      const source = byId.get(edge.source);
      return { ...edge, size: source ? sizeOf(source) : "" };
    }),
  };
}

interface CellMacro {
  readonly kind: "image";
  readonly input: readonly number[];
  readonly stem_filters: number;
  readonly stem_stride: number;
  readonly stages: readonly { readonly filters: number; readonly stride: number }[];
}

interface Nasbench201Macro {
  readonly kind: "nasbench201";
  readonly input: readonly number[];
  readonly channels: number;
}

/** Sizes within the first cell of a network, where all nodes of a cell have the same; null for a chain. */
export function cellSizes(
  macro:
    | CellMacro
    | Nasbench201Macro
    | { readonly kind: "chain" }
    | { readonly kind: "text"; readonly hidden: number },
): { input: string; node: string } | null {
  if (macro.kind === "text") {
    const size = formatShape([1, macro.hidden]);
    return { input: size, node: size };
  }
  if (macro.kind === "chain") return null;
  if (macro.kind === "nasbench201") {
    const size = formatShape([macro.channels, ...macro.input.slice(1)]);
    return { input: size, node: size };
  }
  const [, height = 1, width = 1] = macro.input;
  const stage = macro.stages[0];
  if (!stage) return null;
  const side = (each: number) => Math.ceil(Math.ceil(each / macro.stem_stride) / stage.stride);
  const sides = [side(height), side(width)];
  return { input: formatShape([macro.stem_filters, ...sides]), node: formatShape([stage.filters, ...sides]) };
}
