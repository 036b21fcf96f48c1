import { describe, expect, it } from "vitest";
import { describeOperation } from "../../dag/graph";
import { architecture, cell } from "../../testing/architecture";
import { comparabilityOf, countOperations, diffCells, unionOf } from "./diff";

const a = cell(["0-1", "0-2", "1-2"], { 1: "conv1" });
const b = cell(["0-1", "1-2", "1-3"]);
const ids = (items: readonly { id: number | string }[]) => items.map(({ id }) => id);

describe("the difference of two cells", () => {
  it("is what each has alone, and which operations changed", () => {
    const diff = diffCells(a, b);
    expect(diff.shared).toBe(2);
    expect([ids(diff.edges.a), ids(diff.edges.b)]).toEqual([["0-2"], ["1-3"]]);
    expect([ids(diff.nodes.a), ids(diff.nodes.b)]).toEqual([[], [3]]);
    expect(diff.changed.map((each) => [each.a.id, each.a.op, each.b.op])).toEqual([[1, "conv1", "sep3"]]);
  });

  it("is the reverse the other way round, and nothing of a cell to itself", () => {
    const diff = diffCells(b, a);
    expect([ids(diff.edges.a), ids(diff.edges.b)]).toEqual([["1-3"], ["0-2"]]);
    expect(diff.changed.map((each) => [each.a.op, each.b.op])).toEqual([["sep3", "conv1"]]);
    const none = { a: [], b: [] };
    expect(diffCells(a, a)).toEqual({ shared: 3, edges: none, nodes: none, changed: [] });
  });

  it("counts another attribute as another operation, in whatever order they are written", () => {
    const node = (attrs: Record<string, number>) => ({
      nodes: [{ id: 1, op: "conv", rank: 1, attrs }],
      edges: [],
    });
    expect(diffCells(node({ width: 8, kernel: 3 }), node({ kernel: 3, width: 8 })).changed).toEqual([]);
    expect(diffCells(node({ width: 8 }), node({ width: 16 })).changed).toHaveLength(1);
    expect(describeOperation({ id: 1, op: "conv", rank: 1, attrs: { width: 1_024, kernel: 3 } })).toBe(
      "conv, kernel 3, width 1,024",
    );
  });
});

it("draws both cells in the places of either", () => {
  const union = unionOf(a, b);
  expect(ids(union.nodes)).toEqual([0, 1, 2, 3]);
  expect(ids(union.edges)).toEqual(["0-1", "0-2", "1-2", "1-3"]);
});

it("counts operations where places cannot be compared", () => {
  expect(countOperations(a, b)).toEqual([
    { op: "sep3", a: 1, b: 3 },
    { op: "input", a: 1, b: 1 },
    { op: "conv1", a: 1, b: 0 },
  ]);
});

describe("two cells are compared place by place", () => {
  const one = architecture({ hash: "1", search: "s1", space: null });
  const other = (over: Parameters<typeof architecture>[0]) => architecture({ hash: "2", ...over });
  const cnn = (nodes: number) => ({ name: "cnn", settings: { nodes, width: 1 } });

  it.each([
    ["if one search found both", one, other({ search: "s1", space: null }), "places"],
    [
      "if their spaces are equal",
      architecture({ search: "s1", space: cnn(8) }),
      other({ search: "s2", space: { name: "cnn", settings: { width: 1, nodes: 8 } } }),
      "places",
    ],
    ["but not if it is one cell", one, { ...one, search: "s2" }, "equal"],
    [
      "but not from another space",
      architecture(),
      other({ search: "s2", space: { name: "rnn", settings: {} } }),
      "other-space",
    ],
    [
      "but not at other settings",
      architecture({ space: cnn(6) }),
      other({ search: "s2", space: cnn(8) }),
      "other-settings",
    ],
    [
      "but not of words and of images",
      architecture(),
      other({ search: null, space: null, metric: "perplexity" }),
      "other-space",
    ],
    ["but not if a space is unknown", architecture(), other({ search: null, space: null }), "unknown-space"],
    [
      "but not if both were published",
      { ...one, search: null },
      other({ search: null, space: null }),
      "unknown-space",
    ],
  ] as const)("%s", (_, first, second, expected) => {
    expect(comparabilityOf(first, second)).toBe(expected);
    expect(comparabilityOf(second, first)).toBe(expected);
  });
});
