// Lays out a chain: blocks from left to right, folded into rows where the box is narrow. A block is as long as it has
// layers, and as high as it has channels: by their square root, so that narrow blocks stay visible beside wide ones.
import { roundTo } from "../../format/rounding";
import type { Box } from "../layout";
import { type Block, blockSides, longestWords } from "./blocks";

export interface ChainStyle {
  /** least room for a block, and for each letter of its longest words; 0 without words */
  readonly column: number;
  readonly letter: number;
  /** least and largest length of a layer */
  readonly slice: readonly [least: number, most: number];
  readonly gap: readonly [least: number, most: number];
  /** room for words above and below a block */
  readonly above: number;
  readonly below: number;
  /** least and largest height of the widest block */
  readonly reach: readonly [least: number, most: number];
  /** half of the height of the narrowest block */
  readonly least: number;
  /** room at the left and at the right */
  readonly pad: number;
}

export const DRAWING: ChainStyle = {
  column: 34,
  letter: 6,
  slice: [9, 40],
  gap: [9, 34],
  above: 46,
  below: 50,
  reach: [44, 210],
  least: 5,
  pad: 10,
};
/** Without words, such as the plan of a new search. */
export const PLAN: ChainStyle = {
  column: 8,
  letter: 0,
  slice: [4, 18],
  gap: [5, 22],
  above: 4,
  below: 4,
  reach: [16, 110],
  least: 2,
  pad: 4,
};
export const THUMBNAIL: ChainStyle = {
  column: 1.6,
  letter: 0,
  slice: [1.6, 8],
  gap: [1.2, 6],
  above: 1,
  below: 1,
  reach: [8, 40],
  least: 1,
  pad: 2,
};

export interface PlacedBlock {
  readonly block: Block;
  /** left end of its layers, and the middle of its height */
  readonly x: number;
  readonly y: number;
  /** length of one layer */
  readonly slice: number;
  /** half of its height, and of that at its bottleneck */
  readonly half: number;
  readonly waist: number;
  /** its room, with words */
  readonly left: number;
  readonly room: number;
  /** upper end of its row */
  readonly top: number;
  /** pixels of its output's height, if the input's are known */
  readonly side: number | null;
}

export interface ChainLayout {
  readonly places: readonly PlacedBlock[];
  /** the way from each block to the next */
  readonly links: readonly string[];
  /** height of the highest possible block */
  readonly reach: number;
  /** half of the height of a block of one channel */
  readonly scale: number;
  readonly height: number;
}

/** Channels at full height: the next power of two, so that few changes of a block rescale the others. */
export function fullWidth(blocks: readonly Block[]): number {
  const widest = Math.max(...blocks.flatMap(({ filters, bottleneck }) => [filters ?? 1, bottleneck ?? 1]));
  return 2 ** Math.ceil(Math.log2(Math.max(32, widest)));
}

/** `side`: the height of the input in pixels; `full`: channels at full height, where several chains share a scale. */
export function layoutChain(
  blocks: readonly Block[],
  box: Box,
  style: ChainStyle,
  { side = null, full = fullWidth(blocks) }: { side?: number | null; full?: number } = {},
): ChainLayout {
  const width = Math.max(1, box.width - 2 * style.pad);
  const rooms = blocks.map((block) => Math.max(style.column, style.letter * longestWords(block)));
  const slice = sliceLength(blocks, rooms, width, style);
  const lengths = blocks.map(({ layers }, i) => Math.max(rooms[i] ?? 0, layers * slice));
  const rows = foldRows(lengths, width, style.gap[0]);
  const words = style.above + style.below;
  const [least, most] = style.reach;
  const reach = Math.max(least, Math.min(most, box.height / rows.length - words));
  const rowHeight = reach + words;
  const start = Math.max(0, (box.height - rowHeight * rows.length) / 2);
  const scale = reach / 2 / Math.sqrt(full);
  const halfOf = (channels: number) => Math.max(style.least, scale * Math.sqrt(channels));
  const sides = blockSides(blocks, side);

  const places: PlacedBlock[] = [];
  for (const [number, row] of rows.entries()) {
    const own = lengths.slice(row.from, row.to);
    const spare = width - own.reduce((sum, length) => sum + length, 0);
    const gap = Math.max(
      Math.min(style.gap[0], spare / Math.max(1, own.length - 1)),
      Math.min(style.gap[1], spare / Math.max(1, own.length - 1)),
    );
    // A row that is one of several begins at the left, where the way from the one before it arrives.
    let left = style.pad + (rows.length > 1 ? 0 : Math.max(0, (spare - gap * (own.length - 1)) / 2));
    const top = start + number * rowHeight;
    for (let i = row.from; i < row.to; i += 1) {
      const [block, room] = [blocks[i], lengths[i] ?? 0];
      if (!block) continue;
      const half = halfOf(block.filters ?? 1);
      places.push({
        block,
        x: left + (room - block.layers * slice) / 2,
        y: top + style.above + reach / 2,
        slice,
        half,
        waist: block.bottleneck === null ? half : halfOf(block.bottleneck),
        left,
        room,
        top,
        side: sides[i] ?? null,
      });
      left += room + gap;
    }
  }
  const links = places.slice(1).map((place, i) => linkPath(places[i] ?? place, place, box.width));
  return { places, links, reach, scale, height: Math.max(box.height, rowHeight * rows.length) };
}

/** The longest layers with which the chain fits in one row; else those of a middle length. */
function sliceLength(
  blocks: readonly Block[],
  rooms: readonly number[],
  width: number,
  { slice, gap }: ChainStyle,
): number {
  const [least, most] = slice;
  const room = width - gap[0] * (blocks.length - 1);
  const total = (length: number) =>
    blocks.reduce((sum, { layers }, i) => sum + Math.max(rooms[i] ?? 0, layers * length), 0);
  for (let length = most; length >= least; length -= (most - least) / 40)
    if (total(length) <= room) return length;
  const longest = Math.max(1, ...blocks.map(({ layers }) => layers));
  return Math.min((least + most) / 2, width / longest);
}

function foldRows(lengths: readonly number[], width: number, gap: number): { from: number; to: number }[] {
  const rows: { from: number; to: number }[] = [];
  let [from, used] = [0, 0];
  for (const [i, length] of lengths.entries()) {
    if (i > from && used + gap + length > width + 0.01) {
      rows.push({ from, to: i });
      [from, used] = [i, length];
    } else used += length + (i > from ? gap : 0);
  }
  return [...rows, { from, to: lengths.length }];
}

const n = (value: number) => roundTo(value, 1);

function linkPath(from: PlacedBlock, to: PlacedBlock, width: number): string {
  const start = `M${n(from.x + from.block.layers * from.slice)} ${n(from.y)}`;
  if (from.top === to.top) return `${start}H${n(to.x)}`;
  return `${start}H${n(width - 2)}V${n(to.top + 3)}H2V${n(to.y)}H${n(to.x)}`;
}

/** One layer: full height at both ends, that of its bottleneck in the middle. The same commands for all sizes, so that CSS can change one into another. */
export function slicePath(length: number, half: number, waist: number): string {
  const [q, m, r] = [n(length * 0.26), n(length / 2), n(length * 0.74)];
  const [h, w, end] = [n(half), n(waist), n(length)];
  return (
    `M0 ${-h}C${q} ${-h} ${q} ${-w} ${m} ${-w}C${r} ${-w} ${r} ${-h} ${end} ${-h}` +
    `V${h}C${r} ${h} ${r} ${w} ${m} ${w}C${q} ${w} ${q} ${h} 0 ${h}Z`
  );
}
