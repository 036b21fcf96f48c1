// The layout of a chain: what its shapes say, and that it fits its box.
import { describe, expect, it } from "vitest";
import { CHAIN } from "../../testing/chain";
import { blocksOf, describeBlock, describeChain, shortOperation, shortSize } from "./blocks";
import { DRAWING, layoutChain, slicePath, THUMBNAIL } from "./layout";

const blocks = blocksOf(CHAIN.nodes);
const laid = (width: number, height: number, of = blocks) =>
  layoutChain(of, { width, height }, DRAWING, { side: 8 });
const at = (layout: ReturnType<typeof laid>, id: number) => {
  const place = layout.places.find(({ block }) => block.id === id);
  if (!place) throw new Error(`block ${id} is not placed`);
  return place;
};

describe("the layout of a chain", () => {
  it("makes a block as high as the root of its channels, and narrower at its bottleneck", () => {
    const layout = laid(700, 350);
    expect(at(layout, 3).half / at(layout, 2).half).toBeCloseTo(2);
    expect(at(layout, 3).waist / at(layout, 3).half).toBeCloseTo(0.5);
    expect(at(layout, 1).waist).toBe(at(layout, 1).half);
  });
  it("keeps the other blocks as they are when one swells within the scale", () => {
    const swollen = blocks.map((block) => (block.id === 2 ? { ...block, filters: 48 } : block));
    const [before, after] = [laid(700, 350), laid(700, 350, swollen)];
    expect(after.places.filter(({ block }) => block.id !== 2)).toEqual(
      before.places.filter(({ block }) => block.id !== 2),
    );
    expect(at(after, 2).half).toBeGreaterThan(at(before, 2).half);
  });
  it("places the blocks in one row where there is room, without overlaps", () => {
    const { places } = laid(700, 350);
    expect(new Set(places.map(({ top }) => top)).size).toBe(1);
    for (const [i, place] of places.slice(1).entries())
      expect(place.left).toBeGreaterThan((places[i]?.left ?? 0) + (places[i]?.room ?? 0));
  });
  it("folds a long chain into rows that stay in a narrow box", () => {
    const long = [...blocks, ...[5, 6, 7, 8, 9].map((id) => ({ ...blocks[4], id }) as (typeof blocks)[0])];
    const { places, height } = laid(350, 364, long);
    expect(new Set(places.map(({ top }) => top)).size).toBeGreaterThan(1);
    for (const { left, room } of places) expect(left + room).toBeLessThanOrEqual(350);
    for (const { y, half } of places) expect(y + half).toBeLessThan(height);
  });
  it("is higher than its box rather than unreadable", () => {
    const long = Array.from({ length: 40 }, (_, id) => ({ ...blocks[4], id }) as (typeof blocks)[0]);
    const layout = laid(350, 300, long);
    expect(layout.height).toBeGreaterThan(300);
    expect(layout.reach).toBe(DRAWING.reach[0]);
  });
  it("halves the resolution at each stride", () => {
    expect(laid(700, 350).places.map(({ side }) => side)).toEqual([8, 8, 8, 4, 2]);
    const unknown = layoutChain(blocks, { width: 700, height: 350 }, DRAWING);
    expect(unknown.places.map(({ side }) => side)).toEqual([null, null, null, null, null]);
  });
  it("fits a thumbnail", () => {
    const { places } = layoutChain(blocks, { width: 48, height: 36 }, THUMBNAIL);
    for (const { left, room, y, half } of places) {
      expect(left + room).toBeLessThanOrEqual(48);
      expect(y + half).toBeLessThanOrEqual(36);
    }
  });
  it("has the same commands for all sizes, so that one can become another", () => {
    const commands = (d: string) => d.replace(/[-\d. ]+/g, "");
    expect(commands(slicePath(30, 50, 25))).toBe(commands(slicePath(9, 8, 80)));
  });
});

describe("the words of a block", () => {
  it("name its sizes, short and in full", () => {
    expect(blocks.map(shortOperation)).toEqual(["input", "k3", "k3 e6", "k7 e4", "k3 e6"]);
    expect(blocks.map(shortSize)).toEqual(["", "8 ch", "16 ch", "64 ch ×3", "32 ch ×2"]);
    expect(CHAIN.nodes.slice(1, 4).map(describeBlock)).toEqual([
      "kernel 3, 8 channels",
      "kernel 3, expansion 6, 16 channels, bottleneck 8, 1 layer",
      "kernel 7, expansion 4, 64 channels, bottleneck 16, 3 layers, stride 2",
    ]);
    expect(describeChain(CHAIN.nodes)).toBe("3 blocks, 6 layers");
  });
  it("know the blocks of NAS-Bench-Macro, which have no number of layers", () => {
    const nodes = ["identity", "mb3_k3", "mb6_k5"].map((op, id) => ({
      ...{ id, op, rank: id },
      attrs: { filters: 64, stride: 1 },
    }));
    expect(blocksOf(nodes).map(shortOperation)).toEqual(["identity", "k3 e3", "k5 e6"]);
    expect(describeChain(nodes)).toBe("3 blocks");
  });
});
