// The graphs that are drawn in layers: a cell, and the whole network that the server describes.
import { formatInteger } from "../../format/numbers";
import { type DagGraph, type DagNode, widthOf } from "../graph";
import type { LayeredGraph } from "./graph";

/** An operation of the network, as the server sends it. */
export interface Operation {
  readonly id: number;
  readonly op: string;
  readonly name: string;
  readonly detail: string;
  readonly shape: readonly number[];
  readonly params: number;
  readonly macs: number;
  readonly cell: string | null;
}

export interface Network {
  readonly nodes: readonly Operation[];
  readonly edges: readonly { readonly source: number; readonly target: number }[];
}

/** "64×32×32" */
export function formatShape(shape: readonly number[]): string {
  return shape.map(formatInteger).join("×");
}

/** Edges carry the size of their source's output; kernels and strides are on the nodes. */
export function layersOfNetwork({ nodes, edges }: Network): LayeredGraph {
  const sizes = new Map(nodes.map(({ id, shape }) => [id, formatShape(shape)]));
  return {
    nodes: nodes.map(({ id, op, name, detail }) => ({
      id,
      rank: id,
      title: titleOf(op, detail),
      detail: sizes.get(id) ?? "",
      name,
    })),
    edges: edges.map(({ source, target }) => ({
      id: `${source}-${target}`,
      source,
      target,
      size: sizes.get(source) ?? "",
    })),
  };
}

/** "max_pool" and "2x2, stride 2" become "max pool 2×2 /2". */
function titleOf(op: string, detail: string): string {
  const kernel = /\d+x\d+/.exec(detail)?.[0].replace("x", "×");
  const stride = /stride (\d+)/.exec(detail)?.[1];
  const activation = detail
    .split(", ")
    .find((part) => part !== "" && !/^\d+x\d+$/.test(part) && !part.startsWith("stride"));
  const parts = [op.replaceAll("_", " "), kernel, stride && `/${stride}`, activation];
  return parts.filter(Boolean).join(" ");
}

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
      title: [node.id, node.op, widthOf(node.attrs)].filter((part) => part !== null).join(" "),
      detail: sizeOf(node),
      name: `node ${node.id}`,
    })),
    edges: edges.map((edge) => {
      const source = byId.get(edge.source);
      return { ...edge, size: source ? sizeOf(source) : "" };
    }),
  };
}

interface ImageMacro {
  readonly kind: "image";
  readonly input: readonly number[];
  readonly stem_filters: number;
  readonly stem_stride: number;
  readonly stages: readonly { readonly filters: number; readonly stride: number }[];
}

/** Sizes within the first cell of a network: all nodes of a cell have the same. */
export function cellSizes(
  macro: ImageMacro | { readonly kind: "text"; readonly hidden: number },
): { input: string; node: string } | null {
  if (macro.kind === "text") {
    const size = formatShape([1, macro.hidden]);
    return { input: size, node: size };
  }
  const [, height = 1, width = 1] = macro.input;
  const stage = macro.stages[0];
  if (!stage) return null;
  const side = (each: number) => Math.ceil(Math.ceil(each / macro.stem_stride) / stage.stride);
  const sides = [side(height), side(width)];
  return { input: formatShape([macro.stem_filters, ...sides]), node: formatShape([stage.filters, ...sides]) };
}
