// The network around the cell as text: one block per part from input to output, with its output shape.

import { blocksOf as chainOf, describeChain, shortOperation } from "../../dag/chain/blocks";
import { canLeave, type DagGraph } from "../../dag/graph";
import { formatInteger } from "../../format/numbers";
import { joinWords, plural } from "../../format/text";
import type { ChainMacro, ImageMacro, Macro, Nasbench201Macro, TextMacro } from "../../live/events";

export interface Block {
  readonly title: string;
  readonly detail: string;
  readonly cell: boolean;
}

/** Whether the graph is a cell that may have any edge, and whose network has any width. */
export const isOfCells = ({ kind }: Macro): boolean => kind === "image" || kind === "text";

export function blocksOf(macro: Macro, graph: DagGraph): Block[] {
  switch (macro.kind) {
    case "text":
      return textBlocks(macro);
    case "image":
      return cellBlocks(macro, graph);
    case "nasbench201":
      return nasbench201Blocks(macro);
    case "chain":
      return chainBlocks(macro, graph);
  }
}

/** The same as one sentence, with details that the blocks leave out. */
export function describeMacro(macro: Macro, graph: DagGraph): string {
  switch (macro.kind) {
    case "text":
      return `Word-level language model: ${plural(macro.vocabulary, "word")}, hidden size ${formatInteger(macro.hidden)}.`;
    case "image":
      return describeCells(macro, graph);
    case "nasbench201":
      return `${plural(macro.scales.length * macro.cells, "cell")} in ${plural(macro.scales.length, "stage")}, with a residual block that halves the resolution between two stages.`;
    case "chain":
      return `A chain of ${describeChain(graph.nodes)}, after a stem and before a head of ${formatInteger(macro.head_filters)} channels.`;
  }
}

function textBlocks({ vocabulary, hidden }: TextMacro): Block[] {
  const [words, wide] = [plural(vocabulary, "word"), `width ${formatInteger(hidden)}`];
  return [
    { title: "word", detail: `one of ${words}`, cell: false },
    { title: "embedding", detail: wide, cell: false },
    { title: "cell", detail: `${wide}, once per word`, cell: true },
    { title: "decoder", detail: `shares the embedding, ${words}`, cell: false },
  ];
}

function cellBlocks(macro: ImageMacro, graph: DagGraph): Block[] {
  const [channels, height, width] = macro.input;
  let side: [number, number] = divideSides([height, width], macro.stem_stride);
  let wide = macro.stem_filters;
  const blocks: Block[] = [
    part("image", channels, [height, width]),
    part(`stem 3×3${strideSuffix(macro.stem_stride)}`, wide, side),
  ];
  const leaves = leavesOf(graph).length;
  for (const { filters, cells, stride } of macro.stages) {
    side = divideSides(side, stride);
    wide = filters * leaves;
    blocks.push(part(`${cells === 1 ? "cell" : `${cells} cells`}${strideSuffix(stride)}`, wide, side, true));
  }
  if (macro.head_filters !== null) blocks.push(part("head 1×1", macro.head_filters, side));
  return [...blocks, classifier(macro.classes)];
}

function nasbench201Blocks({ input, channels, cells, scales, classes }: Nasbench201Macro): Block[] {
  const [colours, height, width] = input;
  let side: [number, number] = [height, width];
  const blocks = [part("image", colours, side), part("stem 3×3", channels, side)];
  for (const [stage, scale] of scales.entries()) {
    if (stage > 0) {
      side = divideSides(side, 2);
      blocks.push(part("residual, stride 2", scale * channels, side));
    }
    blocks.push(part(plural(cells, "cell"), scale * channels, side, true));
  }
  return [...blocks, classifier(classes)];
}

function chainBlocks({ input, head_filters, classes }: ChainMacro, graph: DagGraph): Block[] {
  const [colours, height, width] = input;
  let side: [number, number] = [height, width];
  const blocks = [part("image", colours, side)];
  for (const block of chainOf(graph.nodes).slice(1)) {
    side = divideSides(side, block.stride);
    const times = block.layers > 1 ? ` ×${block.layers}` : "";
    const title = `${block.op === "stem" ? "stem" : shortOperation(block)}${times}${strideSuffix(block.stride)}`;
    blocks.push(part(title, block.filters ?? 1, side, block.op !== "stem"));
  }
  return [...blocks, part("head 1×1", head_filters, side), classifier(classes)];
}

const part = (title: string, channels: number, side: readonly [number, number], cell = false): Block => ({
  title,
  detail: `${formatInteger(channels)} ch, ${describeSides(side)}`,
  cell,
});

const classifier = (classes: number): Block => ({
  title: "pool, dense",
  detail: plural(classes, "class", "classes"),
  cell: false,
});

const ACTIVATIONS: Readonly<Record<string, string>> = { relu: "ReLU", swish: "Swish", silu: "SiLU" };

function describeCells(macro: ImageMacro, graph: DagGraph): string {
  const cells = macro.stages.reduce((sum, stage) => sum + stage.cells, 0);
  const filters = macro.stages.map((stage) => String(stage.filters));
  const leaves = leavesOf(graph).length;
  const wide = leaves === 1 ? "1 output each" : `${leaves} outputs each`;
  return `${plural(cells, "cell")} in ${plural(macro.stages.length, "stage")}, ${joinWords(filters)} channels per node, ${wide}, ${ACTIVATIONS[macro.activation] ?? macro.activation}.`;
}

/** Nodes whose output leaves the cell, because no node reads them. */
export function leavesOf(graph: DagGraph): number[] {
  const read = new Set(graph.edges.map((edge) => edge.source));
  const leaves = graph.nodes.filter(({ id, op }) => canLeave(op) && !read.has(id)).map(({ id }) => id);
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
