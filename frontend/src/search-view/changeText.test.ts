import { describe, expect, it } from "vitest";
import { nodeChanges } from "../live/edits";
import type { Attrs, Edits, NodeRow } from "../live/events";
import { edits } from "../testing/logBuilder";
import {
  changeName,
  changesCell,
  describeChange,
  describeEdits,
  describeLost,
  speakChange,
} from "./changeText";

const change = (label: string | null, of: Partial<Edits>) => ({ label, edits: edits(of) });
const cut = change(null, { edges_removed: ["2-5"] });
const labelledCut = change("4 edges", { edges_removed: ["2-5"] });
const added = change("adds 2-5", { edges_added: ["2-5"] });
const drawn = change("12 edges", { edges_removed: ["0-1", "0-2"] });
const unnamed = change(null, { nodes_changed: [[2, "sep3", 2]] });
const unchanged = change(null, {});

describe("a change of the cell", () => {
  it("is named by the edge that it cuts, else by its label, else by its edits", () => {
    expect([cut, labelledCut, added, drawn, unnamed, unchanged].map(changeName)).toEqual([
      "2→5",
      "2→5",
      "adds 2→5",
      "12 edges",
      "changed node 2 to sep3",
      "no change",
    ]);
  });
  it("reads as a cut, as a new cell, as its edits, or as no change once it is decided", () => {
    expect([cut, added, drawn, unnamed, unchanged].map(describeChange)).toEqual([
      "2→5 cut",
      "New cell: adds 2→5",
      "New cell: 12 edges",
      "Changed node 2 to sep3",
      "No change",
    ]);
  });
  it("is spoken without arrows", () => {
    expect([cut, added, unchanged].map(speakChange)).toEqual([
      "Edge 2 to 5 cut.",
      "New cell: adds 2 to 5.",
      "No change.",
    ]);
  });
  it("is none if there are no edits, whatever the candidate is called", () => {
    expect([cut, unnamed, change("3 edges", {})].map(changesCell)).toEqual([true, true, false]);
  });
});

describe("edits", () => {
  const words = (of: Partial<Edits>) => describeEdits(edits(of), null);
  it("read as one line in plain words", () => {
    expect(words({ edges_removed: ["2-5"] })).toBe("Cut 2→5");
    expect(words({ nodes_removed: [3], edges_removed: ["0-3", "1-3", "2-3", "3-4"] })).toBe(
      "Removed node 3 and 4 edges",
    );
    expect(words({ nodes_changed: [[2, "sep3", 2]] })).toBe("Changed node 2 to sep3");
    expect(words({ edges_added: ["0-3", "1-3"] })).toBe("Added 0→3 and 1→3");
    expect(words({ edges_removed: ["0-1"], nodes_added: [[7, "conv1", 3.5]], edges_added: ["0-7"] })).toBe(
      "Cut 0→1, added node 7 and 1 edge",
    );
    expect(words({})).toBe("No change");
  });
  it("say what became of a node, where it is known what it was", () => {
    const of = edits({ nodes_changed: [[2, "sep3", 2, { width: 48 }]] });
    const words = (op: string, attrs: Attrs) => {
      const is = { op: "sep3", attrs: { width: 48 } };
      return describeEdits(of, [{ node: 2, was: { op, attrs }, is }]);
    };
    expect(words("sep3", { width: 32 })).toBe("Widened node 2 to 48");
    expect(words("sep3", { width: 64 })).toBe("Narrowed node 2 to 48");
    expect(words("sep3", {})).toBe("Changed node 2 to width 48");
    expect(words("conv1", { width: 32 })).toBe("Changed node 2 to sep3 of width 48");
    expect(words("conv1", { width: 48 })).toBe("Changed node 2 to sep3");
    expect(words("sep3", { width: 48 })).toBe("Changed node 2");
  });
  it("say what went with them", () => {
    expect(describeLost(edits({ edges_lost: ["1-2"] }))).toBe("1→2 removed too: it had no input left");
    expect(describeLost(edits({ edges_lost: ["1-2", "1-3"], nodes_lost: [1] }))).toBe(
      "node 1 and 2 edges removed too: they had no input left",
    );
    expect(describeLost(edits())).toBe("");
  });
});

describe("a change of a chain", () => {
  const attrs = { bottleneck: 48, filters: 80, layers: 4, stride: 2 };
  const before = [
    { id: 1, op: "stem", attrs: { filters: 16, stride: 1 } },
    ...[2, 3, 4].map((id) => ({ id, op: "k3e6", attrs })),
  ];
  const row = (id: number, change: Partial<typeof attrs>, op = "k3e6"): NodeRow => [
    id,
    op,
    id,
    { ...attrs, ...change },
  ];
  const words = (of: Partial<Edits>) => {
    const made = edits(of);
    return changeName({ edits: made, label: "4 edges", changes: nodeChanges(made, before) });
  };

  it("says how the width, the depth and the kernel of a block changed", () => {
    expect(words({ nodes_changed: [row(3, { filters: 96, layers: 5 })] })).toBe(
      "block 3: 80 to 96 channels, 4 to 5 layers",
    );
    expect(words({ nodes_changed: [row(3, { bottleneck: 64 }, "k7e4")] })).toBe(
      "block 3: kernel 3 to 7, expansion 6 to 4, bottleneck 48 to 64",
    );
    expect(words({ nodes_changed: [[1, "stem", 1, { filters: 8, stride: 1 }]] })).toBe(
      "stem: 16 to 8 channels",
    );
  });
  it("names a block that was split off, and one that is gone", () => {
    const split = { nodes_changed: [row(3, { layers: 3 })], nodes_added: [row(7, { stride: 1 })] };
    expect(words({ ...split, edges_removed: ["3-4"], edges_added: ["3-7", "7-4"] })).toBe(
      "block 3: 4 to 3 layers; new block 7: 80 ch ×4",
    );
    const removed = { nodes_removed: [3], edges_removed: ["2-3", "3-4"], edges_added: ["2-4"] };
    expect(words(removed)).toBe("block 3 removed");
  });
  it("only names the blocks where many changed at once", () => {
    const all = [2, 3, 4].map((id) => row(id, { layers: 2 }));
    expect(words({ nodes_changed: [[1, "stem", 1, { filters: 8, stride: 1 }], ...all] })).toBe(
      "stem and blocks 2, 3 and 4 changed",
    );
  });
  it("says what a block is now where it is unknown what it was", () => {
    const of = edits({ nodes_changed: [row(3, { stride: 1, layers: 1 })] });
    expect(describeChange({ edits: of, label: "4 edges" })).toBe(
      "Block 3 now kernel 3, expansion 6, 80 channels, bottleneck 48, 1 layer",
    );
  });
});
