import { describe, expect, it } from "vitest";
import type { Edits } from "../live/events";
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
    const became = { node: 2, op: null, width: 48, wider: true };
    expect(describeEdits(of, [became])).toBe("Widened node 2 to 48");
    expect(describeEdits(of, [{ ...became, wider: false }])).toBe("Narrowed node 2 to 48");
    expect(describeEdits(of, [{ ...became, op: "sep3" }])).toBe("Changed node 2 to sep3 of width 48");
    expect(describeEdits(of, [{ ...became, width: null }])).toBe("Changed node 2");
  });
  it("say what went with them", () => {
    expect(describeLost(edits({ edges_lost: ["1-2"] }))).toBe("1→2 removed too: it had no input left");
    expect(describeLost(edits({ edges_lost: ["1-2", "1-3"], nodes_lost: [1] }))).toBe(
      "node 1 and 2 edges removed too: they had no input left",
    );
    expect(describeLost(edits())).toBe("");
  });
});
