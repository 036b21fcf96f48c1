// The blocks of a chain: the widths, depths, kernels and strides that its nodes carry, in numbers and in words.
import { formatInteger } from "../../format/numbers";
import { capitalise, plural } from "../../format/text";
import { type DagNode, describeOperation, sortByRank } from "../graph";

export interface Block {
  readonly id: number;
  readonly op: string;
  /** null where the operation has none */
  readonly kernel: number | null;
  readonly expansion: number | null;
  /** channels of its output; null: the input, which has those of the data */
  readonly filters: number | null;
  /** channels between two halves of a layer; null: its layers have no halves */
  readonly bottleneck: number | null;
  readonly layers: number;
  readonly stride: number;
}

type Attributed = Pick<DagNode, "attrs">;
/** What a block is made of. */
type BlockState = Pick<DagNode, "op" | "attrs">;
type BlockNode = Pick<DagNode, "id" | "op" | "attrs">;

export const isBlock = ({ attrs }: Attributed): boolean => typeof attrs?.filters === "number";

/** Whether the nodes are blocks one after the other, which is drawn as such. */
export function isChain(nodes: readonly Attributed[]): boolean {
  return nodes.some(isBlock);
}

/** Whether the blocks may become deeper and wider than those that a search starts from: then its first chain is not its largest. */
export function isGrowing(nodes: readonly Attributed[]): boolean {
  return nodes.some((node) => layersOf(node) !== null);
}

/** Names of operations with both sizes: "k7e4" of super-blocks, "mb6_k5" of MobileNetV2's. */
const SUPER = /^k(\d+)e(\d+)$/;
const MOBILE = /^mb(\d+)_k(\d+)$/;
const STEM_KERNEL = 3;

/** The blocks from first to last. */
export function blocksOf(nodes: readonly DagNode[]): Block[] {
  return sortByRank(nodes).map(blockOf);
}

export function blockOf({ id, op, attrs = {} }: BlockNode): Block {
  const size = (name: string) => (typeof attrs[name] === "number" ? Number(attrs[name]) : null);
  const [, kernel, expansion] = SUPER.exec(op) ?? [];
  const [, mobileExpansion, mobileKernel] = MOBILE.exec(op) ?? [];
  const number = (text: string | undefined) => (text === undefined ? null : Number(text));
  return {
    id,
    op,
    kernel: op === "stem" ? STEM_KERNEL : number(kernel ?? mobileKernel),
    expansion: number(expansion ?? mobileExpansion),
    filters: size("filters"),
    bottleneck: size("bottleneck"),
    layers: size("layers") ?? 1,
    stride: size("stride") ?? 1,
  };
}

/** "stem", "block 3" */
export function blockName({ id, op }: Pick<DagNode, "id" | "op">): string {
  return op === "stem" || op === "input" ? op : `block ${id}`;
}

/** "Node 3"; of a chain "Block 3" or "Stem" */
export function nodeName(node: BlockNode): string {
  return isBlock(node) ? capitalise(blockName(node)) : `Node ${node.id}`;
}

/** "k7 e4", "k3", "identity" */
export function shortOperation({ op, kernel, expansion }: Block): string {
  if (kernel === null) return op;
  return expansion === null ? `k${kernel}` : `k${kernel} e${expansion}`;
}

/** "80 ch", "80 ch ×5" */
export function shortSize({ filters, layers }: Block): string {
  if (filters === null) return "";
  return `${formatInteger(filters)} ch${layers > 1 ? ` ×${layers}` : ""}`;
}

/** Letters of the longest of the words that are drawn with a block. */
export function longestWords(block: Block): number {
  const words = [shortOperation(block), shortSize(block), strideWords(block)];
  return Math.max(...words.map((text) => text.length));
}

/** "stride 2"; empty where the resolution stays */
export function strideWords({ stride }: Block): string {
  return stride > 1 ? `stride ${stride}` : "";
}

/** "kernel 7, expansion 4, 80 channels, bottleneck 48, 5 layers, stride 2" */
export function describeBlock(node: BlockNode): string {
  const { op, kernel, expansion, filters, bottleneck, layers, stride } = blockOf(node);
  const parts = [
    kernel === null && op !== "input" && op,
    kernel !== null && `kernel ${kernel}`,
    expansion !== null && `expansion ${expansion}`,
    filters !== null && `${formatInteger(filters)} channels`,
    bottleneck !== null && `bottleneck ${formatInteger(bottleneck)}`,
    filters !== null && layersOf(node) !== null && plural(layers, "layer"),
    stride > 1 && `stride ${stride}`,
  ];
  return parts.filter((part) => part !== false).join(", ");
}

/** A block by its sizes, any other node by its operation and attributes. */
export function describeNode(node: DagNode): string {
  return isBlock(node) ? describeBlock(node) : describeOperation(node);
}

/** "80 to 96 channels, 4 to 5 layers"; empty where nothing of it is another */
export function describeDifference(was: BlockState, is: BlockState): string {
  const [from, to] = [blockOf({ id: 0, ...was }), blockOf({ id: 0, ...is })];
  const sized = from.kernel !== null && to.kernel !== null;
  const parts = [
    !sized && from.op !== to.op && `${opWords(from)} to ${opWords(to)}`,
    sized && from.kernel !== to.kernel && `kernel ${from.kernel} to ${to.kernel}`,
    sized && from.expansion !== to.expansion && `expansion ${from.expansion} to ${to.expansion}`,
    change(from.filters, to.filters, (text) => `${text} channels`),
    change(from.bottleneck, to.bottleneck, (text) => `bottleneck ${text}`),
    change(from.layers, to.layers, (text) => `${text} ${to.layers === 1 ? "layer" : "layers"}`),
    change(from.stride, to.stride, (text) => `stride ${text}`),
  ];
  return parts.filter((part) => part !== false).join(", ");
}

/** The height in pixels of each block's output; null if that of the input is unknown. */
export function blockSides(blocks: readonly Block[], input: number | null): (number | null)[] {
  let side = input;
  return blocks.map(({ stride }) => {
    side = side === null ? null : Math.ceil(side / stride);
    return side;
  });
}

/** The size of a chain: the layers of its blocks without the stem, or the blocks if they have no number of layers. */
export function chainSize(nodes: readonly BlockNode[]): { count: number; unit: "layer" | "block" } {
  return { count: countLayers(nodes), unit: isGrowing(nodes) ? "layer" : "block" };
}

function countLayers(nodes: readonly BlockNode[]): number {
  return nodes
    .filter((node) => isBlock(node) && node.op !== "stem")
    .reduce((n, x) => n + blockOf(x).layers, 0);
}

/** "4 blocks, 9 layers", "8 blocks" */
export function describeChain(nodes: readonly BlockNode[]): string {
  const blocks = nodes.filter((node) => isBlock(node) && node.op !== "stem");
  const { count, unit } = chainSize(nodes);
  const layers = unit === "layer" ? `, ${plural(count, unit)}` : "";
  return `${plural(blocks.length, "block")}${layers}`;
}

function layersOf({ attrs }: Attributed): number | null {
  return typeof attrs?.layers === "number" ? attrs.layers : null;
}

function opWords({ op, kernel, expansion }: Block): string {
  return kernel === null ? op : `kernel ${kernel}, expansion ${expansion}`;
}

function change(from: number | null, to: number | null, words: (text: string) => string): string | false {
  if (from === to || from === null || to === null) return false;
  return words(`${formatInteger(from)} to ${formatInteger(to)}`);
}
