import { expect, it } from "vitest";
import { LogBuilder } from "../testing/logBuilder";
import { edgeAppearances, nodeAppearances } from "./appearance";
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
