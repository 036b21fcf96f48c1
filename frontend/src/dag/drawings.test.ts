// Trellis, matrix and thumbnails: each state is visible in the page, and an update touches only the elements that changed.
import { beforeEach, describe, expect, it } from "vitest";
import type { DagGraph, EdgeAppearance, EdgeState, Scene } from "./graph";
import { evidenceLevel, isDense } from "./graph";
import { Matrix } from "./matrix";
import { trellisPaths, trianglePaths } from "./thumbnailPaths";
import { lineWidth, Trellis } from "./trellis";

const graph: DagGraph = {
  nodes: ["input", "sep3", "conv1", "sep3"].map((op, id) => ({ id, op, rank: id })),
  edges: ["0-1", "0-2", "0-3", "1-2", "1-3", "2-3"].map((id) => {
    const [source = 0, target = 0] = id.split("-").map(Number);
    return { id, source, target };
  }),
};

function scene(states: Record<string, EdgeState> = {}, focus: string | null = null): Scene {
  return {
    focus,
    edges: graph.edges.map(
      ({ id }): EdgeAppearance => ({
        id,
        state: states[id] ?? "active",
        importance: null,
        tests: 4,
        pending: false,
        label: `Edge ${id}`,
      }),
    ),
    nodes: graph.nodes.map(({ id, op }) => ({
      id,
      op,
      width: null,
      removed: false,
      leaf: id === 3,
      locked: false,
      pending: false,
      label: `Node ${id}`,
    })),
  };
}

const svg = (): SVGSVGElement => document.createElementNS("http://www.w3.org/2000/svg", "svg");
const edge = (host: Element, id: string) => host.querySelector(`[data-edge="${id}"]`);
const partings = (host: Element) => host.querySelectorAll("[data-parting]");

describe("the trellis", () => {
  let host: SVGSVGElement;
  let trellis: Trellis;
  beforeEach(() => {
    host = svg();
    trellis = new Trellis(host, "t");
    trellis.build(graph);
    trellis.layout({ width: 600, height: 300 });
    trellis.update(scene());
  });

  it("exposes every edge and its state in attributes", () => {
    trellis.update(scene({ "0-1": "locked", "0-2": "next", "0-3": "infeasible", "1-2": "removed" }));
    const states = graph.edges.map(({ id }) => edge(host, id)?.getAttribute("data-state"));
    expect(states).toEqual(["locked", "next", "infeasible", "removed", "active", "active"]);
    expect(host.querySelectorAll('[data-mark="locked"]')).toHaveLength(1);
    expect(host.querySelectorAll('[data-mark="infeasible"]')).toHaveLength(1);
  });

  it("moves nothing when an edge is removed", () => {
    const paths = () => graph.edges.map(({ id }) => edge(host, id)?.querySelector("path")?.getAttribute("d"));
    const before = paths();
    trellis.update(scene({ "1-2": "removed", "0-3": "removed" }));
    expect(paths()).toEqual(before);
  });

  it("animates an edge that is cut, and keeps its element as a trace", () => {
    const element = edge(host, "1-2");
    trellis.update(scene({ "1-2": "removed" }));
    expect(edge(host, "1-2")).toBe(element);
    expect(partings(host)).toHaveLength(1);
    partings(host)[0]?.dispatchEvent(new Event("animationend"));
    expect(partings(host)).toHaveLength(0);
  });

  it("animates nothing at the first update, nor when the size changes", () => {
    const other = svg();
    const late = new Trellis(other, "l");
    late.build(graph);
    late.layout({ width: 600, height: 300 });
    late.update(scene({ "1-2": "removed" }));
    late.layout({ width: 400, height: 300 });
    expect(partings(other)).toHaveLength(0);
  });

  it("draws the edge in focus last, and fades all but locked and next edges", () => {
    trellis.update(scene({ "0-1": "locked" }, "2-3"));
    const groups = [...host.querySelectorAll("[data-edge]")];
    expect(groups[groups.length - 1]?.getAttribute("data-edge")).toBe("2-3");
    expect(edge(host, "0-2")?.hasAttribute("data-faded")).toBe(true);
    expect(edge(host, "0-1")?.hasAttribute("data-faded")).toBe(false);
  });

  it("marks a locked node by a second line, a padlock and its label", () => {
    const before = scene();
    const nodes = before.nodes.map((n) => (n.id === 2 ? { ...n, locked: true, label: "Node 2, locked" } : n));
    trellis.update({ ...before, nodes });
    const locked = [...host.querySelectorAll('[data-node][data-state="locked"]')];
    expect(locked.map((n) => n.getAttribute("aria-label"))).toEqual(["Node 2, locked"]);
    expect(locked[0]?.querySelector('[data-mark="locked"]')).toBeTruthy();
    expect(locked[0]?.getAttribute("data-state")).toBe("locked");
  });

  it("shows a clock while a command is pending", () => {
    const clocks = () => host.querySelectorAll('[data-mark="pending"]').length;
    const waits = scene();
    const edges = waits.edges.map((e) => (e.id === "0-2" ? { ...e, pending: true } : e));
    const nodes = waits.nodes.map((n) => (n.id === 3 ? { ...n, pending: true } : n));
    trellis.update({ ...waits, edges, nodes });
    expect(clocks()).toBe(2);
    trellis.update(waits);
    expect(clocks()).toBe(0);
  });

  it("emphasises the edges of a selected node", () => {
    trellis.update(scene({}, "3"));
    const faded = graph.edges.filter(({ id }) => edge(host, id)?.hasAttribute("data-faded"));
    expect(faded.map(({ id }) => id)).toEqual(["0-1", "0-2", "1-2"]);
    expect(host.querySelector("[data-node][data-on]")?.getAttribute("data-node")).toBe("3");
  });

  it("shows the width of a node beside its operation, whole where there is little room", () => {
    const before = scene();
    const nodes = before.nodes.map((n) => ({
      ...n,
      op: n.id === 3 ? "sigmoid" : n.op,
      width: n.id > 1 ? 48 : null,
    }));
    trellis.update({ ...before, nodes });
    const names = [...host.querySelectorAll("[data-node] text:last-of-type")].map((each) => each.textContent);
    expect(names).toEqual(["input", "sep3", "conv1 48", "48"]);
  });

  it("marks nodes whose output leaves the cell", () => {
    expect([...host.querySelectorAll("[data-leaf]")].map((n) => n.getAttribute("data-node"))).toEqual(["3"]);
  });
});

describe("widths and depths", () => {
  it("grow with importance and with evidence", () => {
    const appearance = (importance: number | null): EdgeAppearance => ({
      id: "0-1",
      state: "active",
      importance,
      tests: 0,
      pending: false,
      label: "",
    });
    const widths = [-1, 0, 1].map((f) => lineWidth(appearance(f), 1));
    expect(widths).toEqual([...widths].sort((a, b) => a - b));
    expect(lineWidth(appearance(null), 1)).toBeLessThan(lineWidth(appearance(0), 1));
    expect([0, 3, 6].map(evidenceLevel)).toEqual([1, 2, 3]);
  });
});

describe("the matrix", () => {
  const drawn = (states: Record<string, EdgeState> = {}, focus: string | null = null) => {
    const host = svg();
    const matrix = new Matrix(host, "m");
    matrix.build(graph, { width: 400, height: 300 });
    matrix.update(scene(states, focus));
    return host;
  };
  it("is a grid of rows and cells with one tab stop", () => {
    const host = drawn({}, "1-2");
    expect(host.getAttribute("role")).toBe("grid");
    expect(host.querySelectorAll('[role="row"]')).toHaveLength(4);
    const stops = [...host.querySelectorAll('[tabindex="0"]')].map((c) => c.getAttribute("data-edge"));
    expect(stops).toEqual(["1-2"]);
  });
  it("has a shape for every state", () => {
    const host = drawn({ "0-1": "locked", "0-2": "next", "0-3": "infeasible", "1-2": "removed" });
    const mark = (id: string) => edge(host, id)?.querySelector("[data-mark]")?.getAttribute("data-mark");
    expect(mark("0-1")).toBe("locked");
    expect(mark("0-2")).toBe("next");
    expect(mark("0-3")).toBe("infeasible");
    expect(mark("1-2")).toBe("removed");
    expect(mark("1-3")).toBe("active");
  });
  it("shows the width of a node beside its operation", () => {
    const host = svg();
    const matrix = new Matrix(host, "m");
    matrix.build(graph, { width: 400, height: 300 });
    const before = scene();
    matrix.update({ ...before, nodes: before.nodes.map((n) => ({ ...n, width: n.id === 1 ? 48 : null })) });
    const names = [...host.querySelectorAll('[role="rowheader"] text')].map((each) => each.textContent);
    expect(names).toEqual(["0 input", "1 sep3 48", "2 conv1"]);
  });
  it("is used for cells with more than six edges per node", () => {
    const nodes = (n: number) => Array.from({ length: n }, (_, id) => ({ id, op: "conv1", rank: id }));
    const edges = (n: number) =>
      Array.from({ length: n }, (_, i) => ({ id: `0-${i + 1}`, source: 0, target: i + 1 }));
    expect(isDense({ nodes: nodes(8), edges: edges(28) })).toBe(false);
    expect(isDense({ nodes: nodes(16), edges: edges(120) })).toBe(true);
  });
});

describe("thumbnails", () => {
  it("draw active, cut and locked edges as separate paths", () => {
    const parts = { live: new Set(["0-1", "1-2", "2-3"]), cut: new Set(["1-2"]), locked: new Set(["2-3"]) };
    const picture = trellisPaths(graph, parts, 88, 44);
    expect([picture.live, picture.cut, picture.locked].map((d) => d.split("M").length - 1)).toEqual([
      1, 1, 1,
    ]);
    const squares = trianglePaths(graph, parts, 36);
    expect(squares.gone.split("M").length - 1).toBe(3);
  });
  it("show a node that nothing reaches as removed", () => {
    const dots = trellisPaths(graph, { live: new Set(["0-1", "0-3"]) }, 88, 44).dots;
    expect(dots.filter((d) => d.gone).map((d) => d.id)).toEqual([2]);
  });
});
