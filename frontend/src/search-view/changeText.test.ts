import { describe, expect, it } from "vitest";
import { changeName, describeChange, speakChange } from "./changeText";

const cut = { edge: "2-5", label: null };
const added = { edge: null, label: "adds 2-5" };
const drawn = { edge: null, label: "12 edges" };
const kept = { edge: null, label: "no change" };
const unchanged = { edge: null, label: null };

describe("a change of the cell", () => {
  it("is named by the edge that it cuts, else by its label", () => {
    expect([cut, added, drawn, kept, unchanged].map(changeName)).toEqual([
      "2→5",
      "adds 2→5",
      "12 edges",
      "no change",
      "no change",
    ]);
  });
  it("reads as a cut, as a new cell or as no change once it is decided", () => {
    expect([cut, added, drawn, kept].map(describeChange)).toEqual([
      "2→5 cut",
      "New cell: adds 2→5",
      "New cell: 12 edges",
      "No change",
    ]);
  });
  it("is spoken without arrows", () => {
    expect([cut, added, kept].map(speakChange)).toEqual([
      "Edge 2 to 5 cut.",
      "New cell: adds 2 to 5.",
      "No change.",
    ]);
  });
});
