import { expect, it } from "vitest";
import { block, CHAIN } from "../testing/chain";
import { edits, LogBuilder } from "../testing/logBuilder";
import { edgeAppearances, markedChange, nodeAppearances } from "./appearance";
import { momentOf, wholeGraph } from "./moment";

it("shows parts that came later as not there yet, so that the drawing has a state for each", () => {
  const early = new LogBuilder();
  const moment = momentOf(early.view, null, null);
  const later = wholeGraph(early.view);
  const graph = {
    nodes: [...later.nodes, { id: 4, op: "conv1", rank: 4 }],
    edges: [...later.edges, { id: "3-4", source: 3, target: 4 }],
  };
  const edges = edgeAppearances(graph, moment);
  expect(edges.map(({ id }) => id)).toEqual(graph.edges.map(({ id }) => id));
  expect(edges.at(-1)).toMatchObject({ state: "removed", label: "Edge 3 to 4, not added yet" });
  expect(nodeAppearances(graph, moment).at(-1)).toMatchObject({
    removed: true,
    label: "Node 4, conv1, not added yet",
  });
  expect(edges[0]?.label).toBe("Edge 0 to 1, active, not tested yet");
});

it("marks what the candidate that is pointed at would change in a chain", () => {
  const { view, line } = new LogBuilder();
  const [candidate] = view.candidates.shown;
  if (!candidate) throw new Error("the search has no candidates");
  const nodes = CHAIN.nodes.map((node) => ({
    ...{ ...node, cell: 0 },
    ...({ state: "active", locked: false, step: null, cause: null } as const),
  }));
  const { attrs, op } = block(3, { bottleneck: 16, filters: 80, layers: 4, stride: 2 }, "k7e4");
  const moved = CHAIN.nodes[4];
  const change = edits({
    nodes_changed: [
      [3, op, 3, attrs],
      [4, moved?.op ?? "", 5, moved?.attrs ?? {}],
    ],
  });
  const shown = [{ ...candidate, edits: change, label: "4 edges" }];
  const moment = momentOf({ ...view, nodes, candidates: { ...view.candidates, shown } }, null, null);
  expect(markedChange(moment, line, candidate.id)).toEqual({
    by: "candidate",
    words: "This candidate: block 3: 64 to 80 channels, 3 to 4 layers",
    others: new Map([[3, { op, attrs }]]),
  });
  expect(markedChange(moment, line, null)).toBeNull();
});

it("marks nothing in a cell, whose edges show what is cut", () => {
  const { view, line } = new LogBuilder();
  expect(markedChange(momentOf(view, null, null), line, view.candidates.first)).toBeNull();
});
