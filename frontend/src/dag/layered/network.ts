// The whole network, as the server describes it, as a graph that is drawn in layers.
import { formatShape, type LayeredGraph } from "./graph";

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
