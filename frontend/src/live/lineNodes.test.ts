// The nodes of a search at its steps.
import { describe, expect, it } from "vitest";
import { LogBuilder } from "../testing/logBuilder";
import { changesAt, decidedNodes, nodesAt } from "./lineNodes";
import type { NodeChange } from "./view";

const story = () =>
  new LogBuilder("growth").replaceCell(null, { widths: { 1: 32 } }).replaceCell(null, { widths: { 1: 48 } });
const width = (nodes: ReturnType<typeof nodesAt>) => nodes.find(([id]) => id === 1)?.[3]?.width;

describe("the nodes at a step", () => {
  it("are those that its decision and the ones before it left", () => {
    const { line } = story();
    expect([0, 1, 2].map((step) => width(nodesAt(line, step)))).toEqual([undefined, 32, 48]);
    expect([1, 2].map((step) => width(decidedNodes(line, step)))).toEqual([32, 48]);
    expect(nodesAt(line, 3)).toEqual([]);
  });
  it("go on after a rollback from the step that it returned to", () => {
    const { line } = story()
      .rollBack(1)
      .replaceCell(null, { widths: { 1: 64 } });
    expect([0, 1, 2].map((step) => width(nodesAt(line, step)))).toEqual([undefined, 32, 64]);
  });
  it("say what a step made of them", () => {
    const change = (from: number, to: number): NodeChange => ({
      node: 1,
      was: { op: "sep3", attrs: { width: from } },
      is: { op: "sep3", attrs: { width: to } },
    });
    expect(changesAt(story().line, 2)).toEqual([change(32, 48)]);
    expect(changesAt(story().line, 0)).toEqual([]);
  });
});
