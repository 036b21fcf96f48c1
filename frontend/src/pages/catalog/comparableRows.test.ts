import { expect, it } from "vitest";
import type { ArchitectureRow, Dataset } from "../../api/types";
import { claimOf } from "../../ui/architecture/claim";
import { bestFirst, chartedRows, datasetOf, largestCosts } from "./comparableRows";

const row = (over: Partial<ArchitectureRow>): ArchitectureRow => ({
  id: "a",
  name: "a",
  kind: "found",
  source: "",
  strategy: "autoshrink",
  dataset: "digits",
  nodes: 2,
  edges: 1,
  bytes_per_element: 4,
  cost: {
    params: 10,
    params_no_bn: 9,
    macs: 100,
    peak_memory: { io: 1, live: 5, optimal: null, exact: true },
    latency: null,
  },
  val_accuracy: 0.9,
  created_at: "",
  search: null,
  graph: { nodes: [], edges: [] },
  published_accuracy: null,
  metric: "accuracy",
  val_perplexity: null,
  published_perplexity: null,
  trained: 0,
  best_trained: null,
  hash: "h",
  alike: 0,
  owner: null,
  tags: [],
  archived: false,
  ...over,
});
const published = row({
  id: "p",
  kind: "published",
  val_accuracy: null,
  published_accuracy: 0.739,
  dataset: "imagenet",
});

it("says where an accuracy is from", () => {
  expect(claimOf(row({}))).toEqual({ metric: "accuracy", value: 0.9, what: "validation" });
  expect(claimOf(published)).toEqual({ metric: "accuracy", value: 0.739, what: "as published" });
  const text = { metric: "perplexity" as const, val_accuracy: null };
  expect(claimOf(row({ ...text, val_perplexity: 212.4 }))).toMatchObject({
    metric: "perplexity",
    value: 212.4,
  });
  expect(claimOf({ ...published, ...text, published_perplexity: 52.8 }).value).toBe(52.8);
});
it("compares sizes with found architectures", () => {
  const huge = { ...published, cost: { ...published.cost, macs: 1e9 } };
  expect(largestCosts([row({}), huge]).macs).toBe(100);
});
it("has the best rows first in the metric of most rows, of those that are filtered for", () => {
  const datasets = [
    { name: "digits", kind: "image" },
    { name: "novel", kind: "text" },
  ] as Dataset[];
  const dataset = (digits: number, novel: number) => ({
    tag: [],
    dataset: [
      { value: "digits", name: "", count: digits },
      { value: "novel", name: "", count: novel },
      { value: "imagenet", name: "", count: 50 },
    ],
  });
  expect(bestFirst({}, dataset(3, 2), datasets)).toBe("-accuracy");
  expect(bestFirst({}, dataset(2, 3), datasets)).toBe("perplexity");
  expect(bestFirst({ dataset: ["digits"] }, dataset(2, 3), datasets)).toBe("-accuracy");
  expect(bestFirst({}, { tag: [] }, datasets)).toBe("-accuracy");
});
it("charts measured rows of one dataset without duplicates", () => {
  const rows = [
    row({}),
    row({}),
    row({ id: "b", val_accuracy: null }),
    row({ id: "c", dataset: "shapes" }),
    published,
  ];
  expect(datasetOf(rows)).toBe("digits");
  expect(chartedRows(rows, "digits").map(({ id }) => id)).toEqual(["a"]);
  expect(datasetOf([published])).toBeNull();
});
