// The network around the cell as text: one block per part from input to output, with its output shape.

import type { DagGraph } from "../../dag/graph";
import { formatInteger } from "../../format/numbers";
import { joinWords, plural } from "../../format/text";
import type { ImageMacro, Macro } from "../../live/events";

export interface Block {
  readonly title: string;
  readonly detail: string;
  readonly cell: boolean;
}

export function blocksOf(macro: Macro, graph: DagGraph): Block[] {
  if (macro.kind === "image") return imageBlocks(macro, graph);
  const [words, wide] = [plural(macro.vocabulary, "word"), `width ${formatInteger(macro.hidden)}`];
  return [
    { title: "word", detail: `one of ${words}`, cell: false },
    { title: "embedding", detail: wide, cell: false },
    { title: "cell", detail: `${wide}, once per word`, cell: true },
    { title: "decoder", detail: `shares the embedding, ${words}`, cell: false },
  ];
}

function imageBlocks(macro: ImageMacro, graph: DagGraph): Block[] {
  const [channels, height, width] = macro.input;
  let side: [number, number] = divideSides([height, width], macro.stem_stride);
  let wide = macro.stem_filters;
  const blocks: Block[] = [
    {
      title: "image",
      detail: `${formatInteger(channels)} ch, ${describeSides([height, width])}`,
      cell: false,
    },
    {
      title: `stem 3×3${strideSuffix(macro.stem_stride)}`,
      detail: `${formatInteger(wide)} ch, ${describeSides(side)}`,
      cell: false,
    },
  ];
  const leaves = leavesOf(graph).length;
  for (const { filters, cells, stride } of macro.stages) {
    side = divideSides(side, stride);
    wide = filters * leaves;
    blocks.push({
      title: `${cells === 1 ? "cell" : `${cells} cells`}${strideSuffix(stride)}`,
      detail: `${formatInteger(wide)} ch, ${describeSides(side)}`,
      cell: true,
    });
  }
  if (macro.head_filters !== null) {
    blocks.push({
      title: "head 1×1",
      detail: `${formatInteger(macro.head_filters)} ch, ${describeSides(side)}`,
      cell: false,
    });
  }
  blocks.push({ title: "pool, dense", detail: plural(macro.classes, "class", "classes"), cell: false });
  return blocks;
}

const ACTIVATIONS: Readonly<Record<string, string>> = { relu: "ReLU", swish: "Swish", silu: "SiLU" };

/** The same as one sentence, with details that the blocks leave out. */
export function describeMacro(macro: Macro, graph: DagGraph): string {
  if (macro.kind === "text") {
    return `Word-level language model: ${plural(macro.vocabulary, "word")}, hidden size ${formatInteger(macro.hidden)}.`;
  }
  const cells = macro.stages.reduce((sum, stage) => sum + stage.cells, 0);
  const filters = macro.stages.map((stage) => String(stage.filters));
  const leaves = leavesOf(graph).length;
  const wide = leaves === 1 ? "1 output each" : `${leaves} outputs each`;
  return `${plural(cells, "cell")} in ${plural(macro.stages.length, "stage")}, ${joinWords(filters)} channels per node, ${wide}, ${ACTIVATIONS[macro.activation] ?? macro.activation}.`;
}

/** Nodes whose output leaves the cell, because no node reads them. */
export function leavesOf(graph: DagGraph): number[] {
  const read = new Set(graph.edges.map((edge) => edge.source));
  const leaves = graph.nodes.filter((node) => !read.has(node.id)).map((node) => node.id);
  return leaves.length > 0 ? leaves : graph.nodes.slice(0, 1).map((node) => node.id);
}

/** Pooling and strided convolution round sizes up. */
function divideSides([height, width]: readonly [number, number], stride: number): [number, number] {
  return [Math.ceil(height / stride), Math.ceil(width / stride)];
}

function strideSuffix(stride: number): string {
  return stride > 1 ? `, stride ${stride}` : "";
}

function describeSides([height, width]: readonly [number, number]): string {
  return height === width ? `${height} px` : `${height}×${width} px`;
}
