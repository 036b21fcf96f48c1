// The dense stage: the upper triangle, row feeds column, one cell an edge. An ARIA grid with one tab stop; the side of a
// square is fitness, its depth is evidence, and each state has a form of its own.
import { type DagEdge, type DagGraph, depth, type EdgeLook, inOrder, type Scene } from "./graph";
import type { Box } from "./layout";
import { spreadOf } from "./render";
import { diamond, set, svg } from "./svg";

const BIGGEST = 47;
const ROOM_FOR_TESTS = 36;
const SMALLEST = 0.34;

interface Cell {
  group: SVGGElement;
  frame: SVGRectElement;
  mark: SVGGElement;
  tests: SVGTextElement;
  painted: string;
}

export class Matrix {
  private readonly cells = new Map<string, Cell>();
  private graph: DagGraph = { nodes: [], edges: [] };
  private scene: Scene | null = null;
  private side = 0;
  private labels: { row: SVGTextElement; column: SVGTextElement; id: number }[] = [];

  constructor(
    private readonly host: SVGSVGElement,
    private readonly idPrefix: string,
    /** a small one for the margin: no labels of operations, no keys */
    private readonly mini = false,
  ) {
    // A drawn triangle of cells is a grid to the keyboard; the table view is the real table.
    if (!mini) host.setAttribute("role", "grid");
  }

  build(graph: DagGraph, box: Box): void {
    if (box.width <= 0 || box.height <= 0) return;
    this.graph = graph;
    const nodes = inOrder(graph.nodes);
    const last = nodes.length - 1;
    const top = this.mini ? 14 : 26;
    const left = this.mini ? 16 : 62;
    const side = Math.max(
      3,
      Math.min((box.width - left) / Math.max(1, last), (box.height - top - 2) / Math.max(1, last), BIGGEST),
    );
    this.side = side;
    const spare = box.width - side * last;
    const x0 = (this.mini ? spare : Math.max(left, spare / 2)) - side;
    const place = new Map(nodes.map((node, i) => [node.id, i]));

    this.cells.clear();
    this.labels = [];
    const rows = nodes.slice(0, last).map((node, row) => {
      const name = this.mini ? String(node.id) : `${node.id} ${node.op}`;
      const rowLabel = text(
        name,
        x0 + (row + 1) * side - (this.mini ? 5 : 8),
        top + row * side + side / 2 + 4,
        "end",
      );
      const next = nodes[row + 1];
      const columnLabel = text(String(next?.id ?? ""), x0 + (row + 1) * side + side / 2, top - 6, "middle");
      this.labels.push({ row: rowLabel, column: columnLabel, id: node.id });
      const group = svg("g", this.mini ? {} : { role: "row", "aria-label": `from node ${node.id}` });
      const edges = graph.edges
        .filter((edge) => edge.source === node.id)
        .sort((a, b) => (place.get(a.target) ?? 0) - (place.get(b.target) ?? 0));
      for (const edge of edges)
        group.append(this.cell(edge, x0 + (place.get(edge.target) ?? 0) * side, top + row * side));
      return group;
    });
    const fits = side >= 9;
    this.host.replaceChildren(
      ...rows,
      ...(fits ? this.labels.flatMap((each) => [each.row, each.column]) : []),
    );
    if (this.scene) this.update(this.scene);
  }

  update(scene: Scene): void {
    this.scene = scene;
    this.host.classList.toggle("pale", scene.pale === true);
    const spread = spreadOf(scene.edges);
    const looks = new Map(scene.edges.map((look) => [look.id, look]));
    const first = this.graph.edges[0]?.id;
    for (const [id, cell] of this.cells) {
      const look = looks.get(id);
      if (look)
        this.paint(
          cell,
          look,
          spread,
          scene.focus === id,
          scene.focus === id || (!scene.focus && id === first),
        );
    }
    const [from, to] = scene.focus?.split("-").map(Number) ?? [];
    const nodes = inOrder(this.graph.nodes);
    this.labels.forEach((each, i) => {
      each.row.classList.toggle("on", each.id === from);
      each.column.classList.toggle("on", nodes[i + 1]?.id === to);
    });
  }

  /** Moves the keyboard to a cell. */
  focus(edge: string): void {
    this.cells.get(edge)?.group.focus();
  }

  destroy(): void {
    this.host.replaceChildren();
    this.cells.clear();
  }

  private cell(edge: DagEdge, x: number, y: number): SVGGElement {
    const s = this.side;
    const frame = svg("rect", {
      class: "box",
      x: 0.5,
      y: 0.5,
      width: Math.max(1, s - 1),
      height: Math.max(1, s - 1),
    });
    const mark = svg("g");
    const tests = svg("text", {
      class: "tick",
      x: s - 4,
      y: s - 4,
      "text-anchor": "end",
      "aria-hidden": "true",
    });
    const group = svg(
      "g",
      this.mini
        ? { "data-cell": edge.id }
        : { id: `${this.idPrefix}-${edge.id}`, role: "gridcell", "data-edge": edge.id, tabindex: -1 },
      frame,
      mark,
      tests,
    );
    set(group, { transform: `translate(${x.toFixed(2)} ${y.toFixed(2)})` });
    this.cells.set(edge.id, { group, frame, mark, tests, painted: "" });
    return group;
  }

  private paint(cell: Cell, look: EdgeLook, spread: number, on: boolean, tabStop: boolean): void {
    const share = look.fitness === null ? SMALLEST : 0.5 + look.fitness / (2 * (spread || 1));
    const fill = Math.max(SMALLEST, Math.min(1, share));
    set(cell.group, { class: `cell is-${look.state} depth-${depth(look.tests)}${on ? " on" : ""}` });
    if (!this.mini) {
      set(cell.group, { "data-state": look.state, "aria-label": look.says, tabindex: tabStop ? 0 : -1 });
      const shown = this.side > ROOM_FOR_TESTS && look.state === "active" && look.tests > 0;
      const figure = shown ? String(look.tests) : "";
      if (cell.tests.textContent !== figure) cell.tests.textContent = figure;
    }
    const painted = `${look.state} ${fill.toFixed(2)} ${this.side}`;
    if (cell.painted === painted) return;
    cell.painted = painted;
    cell.mark.replaceChildren(...square(look.state, this.side, fill));
  }
}

function square(state: EdgeLook["state"], s: number, fill: number): SVGElement[] {
  const centred = (size: number, name: string) =>
    svg("rect", { class: name, x: (s - size) / 2, y: (s - size) / 2, width: size, height: size });
  switch (state) {
    case "removed":
      return [svg("path", { class: "gone", d: `M${s * 0.34} ${s * 0.66}L${s * 0.66} ${s * 0.34}` })];
    case "next":
      return [svg("path", { class: "wedge", d: `M2 2h${s - 4}l${2 - s / 2} ${s - 4}z` })];
    case "locked":
      return [centred(s - 5, "ring"), centred((s - 5) * 0.45, "held")];
    case "infeasible": {
      const mark = diamond(Math.min(6, s * 0.3));
      set(mark, { transform: `translate(${s / 2} ${s / 2})` });
      return [centred(fill * (s - 2), "square"), mark];
    }
    case "active":
      return [centred(fill * (s - 2), "square")];
  }
}

function text(words: string, x: number, y: number, anchor: string): SVGTextElement {
  return svg("text", { class: "axis", x: x.toFixed(1), y: y.toFixed(1), "text-anchor": anchor }, words);
}
