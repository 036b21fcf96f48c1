// The matrix drawing: the upper triangle of the adjacency matrix, one cell per edge from row to column. An ARIA grid with
// one tab stop. The size of a square is importance, its shade is evidence, and each state has its own shape.
import clsx from "clsx";
import { roundTo } from "../format/rounding";
import styles from "./drawing.module.css";
import {
  type DagEdge,
  type DagGraph,
  type EdgeAppearance,
  evidenceLevel,
  type NodeAppearance,
  nodeNumber,
  opName,
  type Scene,
  sortByRank,
  widthOf,
} from "./graph";
import type { Box } from "./layout";
import { clock, diamond, padlock, set, svg } from "./svg";
import { importanceSpread } from "./trellis";

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

type Role = "rowheader" | "columnheader";

interface Head {
  node: number;
  role: Role;
  group: SVGGElement;
  words: SVGTextElement;
  marks: SVGGElement;
  painted: string;
}

export class Matrix {
  private readonly cells = new Map<string, Cell>();
  private graph: DagGraph = { nodes: [], edges: [] };
  private scene: Scene | null = null;
  private side = 0;
  /** row and column headers; the first node has no column, the last no row */
  private heads: Head[] = [];

  constructor(
    private readonly host: SVGSVGElement,
    private readonly idPrefix: string,
    /** a small version for the margin: no operation names, no keyboard */
    private readonly mini = false,
  ) {
    // A grid for the keyboard; the table view is the accessible table.
    if (!mini) host.setAttribute("role", "grid");
  }

  build(graph: DagGraph, box: Box): void {
    if (box.width <= 0 || box.height <= 0) return;
    this.graph = graph;
    const nodes = sortByRank(graph.nodes);
    const last = nodes.length - 1;
    const top = this.mini ? 14 : 26;
    const named = nodes.some(({ attrs }) => widthOf(attrs) !== null) ? 88 : 62;
    const left = this.mini ? 16 : named;
    const side = Math.max(
      3,
      Math.min((box.width - left) / Math.max(1, last), (box.height - top - 2) / Math.max(1, last), BIGGEST),
    );
    this.side = side;
    const spare = box.width - side * last;
    const x0 = (this.mini ? spare : Math.max(left, spare / 2)) - side;
    const place = new Map(nodes.map((node, i) => [node.id, i]));

    this.cells.clear();
    this.heads = [];
    const fits = side >= 9;
    const columns = svg("g", this.mini ? {} : { role: "row", "aria-label": "to node" });
    for (const [i, node] of nodes.slice(1).entries()) {
      const x = x0 + (i + 1) * side + side / 2;
      columns.append(this.head(node.id, "columnheader", String(node.id), x, top - 6, "middle"));
    }
    const rows = nodes.slice(0, last).map((node, row) => {
      const name = this.mini ? String(node.id) : rowName(node.id, node.op, widthOf(node.attrs));
      const x = x0 + (row + 1) * side - (this.mini ? 5 : 8);
      const y = top + row * side + side / 2 + 4;
      const head = this.head(node.id, "rowheader", name, x, y, "end");
      const group = svg("g", this.mini ? {} : { role: "row", "aria-label": `from node ${node.id}` });
      if (fits) group.append(head);
      const edges = graph.edges
        .filter((edge) => edge.source === node.id)
        .sort((a, b) => (place.get(a.target) ?? 0) - (place.get(b.target) ?? 0));
      for (const edge of edges)
        group.append(this.cell(edge, x0 + (place.get(edge.target) ?? 0) * side, top + row * side));
      return group;
    });
    this.host.replaceChildren(...(fits ? [columns] : []), ...rows);
    if (this.scene) this.update(this.scene);
  }

  update(scene: Scene): void {
    this.scene = scene;
    this.host.toggleAttribute("data-pale", scene.pale === true);
    const spread = importanceSpread(scene.edges);
    const appearances = new Map(scene.edges.map((appearance) => [appearance.id, appearance]));
    const first = this.graph.edges[0]?.id;
    for (const [id, cell] of this.cells) {
      const appearance = appearances.get(id);
      if (appearance)
        this.paint(
          cell,
          appearance,
          spread,
          scene.focus === id,
          scene.focus === id || (!scene.focus && id === first),
        );
    }
    const nodes = new Map(scene.nodes.map((appearance) => [appearance.id, appearance]));
    for (const head of this.heads) this.paintHead(head, nodes.get(head.node), scene.focus);
  }

  /** Moves the keyboard focus to a cell or to a node's header. */
  focus(target: string): void {
    const node = nodeNumber(target);
    if (node === null) this.cells.get(target)?.group.focus();
    else this.heads.filter((head) => head.node === node && head.group.isConnected)[0]?.group.focus();
  }

  destroy(): void {
    this.host.replaceChildren();
    this.cells.clear();
    this.heads = [];
  }

  private head(node: number, role: Role, name: string, x: number, y: number, anchor: string): SVGGElement {
    const marks = svg("g", { transform: headMarks(role, name.length) });
    const words = svg("text", { class: styles.axis, "text-anchor": anchor }, name);
    const own = this.mini ? {} : { role, id: `${this.idPrefix}-${role}-${node}`, tabindex: -1 };
    const group = svg("g", { class: styles.head, "data-node": node, ...own }, words, marks);
    set(group, { transform: `translate(${roundTo(x, 1)} ${roundTo(y, 1)})` });
    this.heads.push({ node, role, group, words, marks, painted: "" });
    return group;
  }

  private paintHead(head: Head, appearance: NodeAppearance | undefined, focus: string | null): void {
    if (!appearance) return;
    const [from, to] = focus?.split("-").map(Number) ?? [];
    const end = head.role === "rowheader" ? from : to;
    const on = end === head.node || nodeNumber(focus) === head.node;
    set(head.words, { class: clsx(styles.axis, on && styles.on, appearance.removed && styles.gone) });
    if (!this.mini) {
      set(head.group, { "aria-label": appearance.label });
      // The operation and the width of a node may change, also back to those of an earlier step.
      const name = rowName(appearance.id, appearance.op, appearance.width);
      if (head.role === "rowheader" && head.words.textContent !== name) head.words.textContent = name;
    }
    const painted = `${appearance.locked} ${appearance.pending}`;
    if (this.mini || head.painted === painted) return;
    head.painted = painted;
    head.marks.replaceChildren(...(appearance.pending ? [clock(5)] : appearance.locked ? [padlock()] : []));
  }

  private cell(edge: DagEdge, x: number, y: number): SVGGElement {
    const s = this.side;
    const frame = svg("rect", {
      class: styles.box,
      x: 0.5,
      y: 0.5,
      width: Math.max(1, s - 1),
      height: Math.max(1, s - 1),
    });
    const mark = svg("g");
    const tests = svg("text", {
      class: clsx("tick", styles.tests),
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
    set(group, { transform: `translate(${roundTo(x, 2)} ${roundTo(y, 2)})` });
    this.cells.set(edge.id, { group, frame, mark, tests, painted: "" });
    return group;
  }

  private paint(cell: Cell, appearance: EdgeAppearance, spread: number, on: boolean, tabStop: boolean): void {
    const share =
      appearance.importance === null ? SMALLEST : 0.5 + appearance.importance / (2 * (spread || 1));
    const fill = Math.max(SMALLEST, Math.min(1, share));
    set(cell.group, {
      class: clsx(styles.cell, on && styles.on),
      "data-depth": evidenceLevel(appearance.tests),
    });
    if (!this.mini) {
      set(cell.group, {
        "data-state": appearance.state,
        "aria-label": appearance.label,
        tabindex: tabStop ? 0 : -1,
      });
      const visible = this.side > ROOM_FOR_TESTS && appearance.state === "active" && appearance.tests > 0;
      const figure = visible ? String(appearance.tests) : "";
      if (cell.tests.textContent !== figure) cell.tests.textContent = figure;
    }
    const painted = `${appearance.state} ${appearance.pending} ${roundTo(fill, 2)} ${this.side}`;
    if (cell.painted === painted) return;
    cell.painted = painted;
    cell.mark.replaceChildren(...square(appearance.state, this.side, fill));
    if (appearance.pending) cell.mark.append(corner(this.side));
  }
}

function square(state: EdgeAppearance["state"], s: number, fill: number): SVGElement[] {
  const centred = (size: number, name: string | undefined, mark?: string) =>
    svg("rect", {
      class: name,
      "data-mark": mark,
      x: (s - size) / 2,
      y: (s - size) / 2,
      width: size,
      height: size,
    });
  switch (state) {
    case "removed":
      return [
        svg("path", {
          class: styles.gone,
          "data-mark": "removed",
          d: `M${s * 0.34} ${s * 0.66}L${s * 0.66} ${s * 0.34}`,
        }),
      ];
    case "next":
      return [
        svg("path", { class: styles.wedge, "data-mark": "next", d: `M2 2h${s - 4}l${2 - s / 2} ${s - 4}z` }),
      ];
    case "locked":
      return [centred(s - 5, styles.ring, "locked"), centred((s - 5) * 0.45, styles.locked)];
    case "infeasible": {
      const mark = diamond(Math.min(6, s * 0.3));
      set(mark, { transform: `translate(${s / 2} ${s / 2})` });
      return [centred(fill * (s - 2), styles.square), mark];
    }
    case "active":
      return [centred(fill * (s - 2), styles.square, "active")];
  }
}

/** A clock in the corner for a pending command, scaled to the cell. */
function corner(s: number): SVGGElement {
  const mark = clock(Math.max(1.5, Math.min(6, s * 0.2)));
  set(mark, { transform: `translate(${s * 0.24} ${s * 0.24})` });
  return mark;
}

/** "2 sep3", "2 sep3 48" */
function rowName(node: number, op: string, width: number | null): string {
  return [node, opName(op), width].filter((part) => part !== null).join(" ");
}

/** Marks go left of a row's name and above a column's. */
function headMarks(role: Role, letters: number): string {
  return role === "rowheader"
    ? `translate(${-letters * 7 - 9} -4) scale(0.75)`
    : "translate(0 -15) scale(0.75)";
}
