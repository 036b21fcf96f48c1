// The trellis drawing, in four steps: build the elements, measure the box, lay out once, update how each edge looks.
// Without a framework; an update touches only the edges that changed.
import clsx from "clsx";
import { roundTo } from "../format/rounding";
import { formatEdge } from "../format/text";
import styles from "./drawing.module.css";
import {
  type DagGraph,
  type EdgeAppearance,
  type EdgeState,
  evidenceLevel,
  fitOpName,
  type NodeAppearance,
  nodeNumber,
  type Scene,
} from "./graph";
import { hitTest } from "./hitTest";
import {
  assignTracks,
  type Box,
  computeGeometry,
  type Geometry,
  layoutStyle,
  type Run,
  type Tracks,
} from "./layout";
import { at, chip, clock, diamond, label, leaf, padlock, reducedMotion, set, svg } from "./svg";

const WEIGHTS: Partial<Record<EdgeState, number>> = { next: 3.4, locked: 6, removed: 1 };
const ARROW = 2.8; // half the width of the head of a thin edge
const CASING = 2.6;
/** Drawing order; the edge in focus comes on top. */
const LAYERS: Record<EdgeState, number> = { removed: 0, active: 1, infeasible: 1, locked: 2, next: 3 };

interface EdgeParts {
  group: SVGGElement;
  casing: SVGPathElement;
  line: SVGPathElement;
  core: SVGPathElement;
  arrow: SVGPathElement;
  badge: SVGGElement;
  pendingMark: SVGGElement;
  state: EdgeState | null;
}

interface NodeParts {
  group: SVGGElement;
  rect: SVGRectElement;
  /** the second line that marks a locked node */
  inner: SVGRectElement;
  /** the colour of the activation, at the bottom */
  tint: SVGRectElement;
  number: SVGTextElement;
  op: SVGTextElement;
  leaf: SVGGElement;
  lock: SVGGElement;
  pendingMark: SVGGElement;
}

/** The width of an active edge shows its importance; an unknown importance is thin. */
export function lineWidth(appearance: EdgeAppearance, spread: number): number {
  const share = appearance.importance === null ? 0.15 : 0.5 + appearance.importance / (2 * (spread || 1));
  return WEIGHTS[appearance.state] ?? 1.3 + Math.max(0, Math.min(1, share)) * 3.1;
}

/** The scale of importance in one search: a high quantile, so that one outlier does not flatten all others. */
export function importanceSpread(appearances: readonly EdgeAppearance[]): number {
  const sizes = appearances
    .flatMap((appearance) => (appearance.importance === null ? [] : [Math.abs(appearance.importance)]))
    .sort((a, b) => a - b);
  return sizes[Math.floor(sizes.length * 0.8)] ?? 0;
}

export class Trellis {
  private readonly wires = svg("g", { class: styles.wires });
  private readonly edges = svg("g");
  private readonly partings = svg("g");
  private readonly nodes = svg("g");
  private readonly marks = svg("g", { class: styles.marks });
  private readonly nextChip = chip(true);
  private readonly focusChip = chip();
  private readonly edgeParts = new Map<string, EdgeParts>();
  private readonly nodeParts = new Map<number, NodeParts>();
  private graph: DagGraph = { nodes: [], edges: [] };
  private tracks: Tracks = { order: [], wire: new Map(), levels: 0 };
  private geometry: Geometry | null = null;
  private appearances = new Map<string, EdgeAppearance>();
  private scene: Scene | null = null;

  constructor(
    private readonly host: SVGSVGElement,
    private readonly idPrefix: string,
  ) {
    host.append(this.wires, this.edges, this.partings, this.nodes, this.marks, this.nextChip, this.focusChip);
  }

  /** Build: elements for every edge and node that ever existed. */
  build(graph: DagGraph): void {
    if (graph === this.graph) return;
    this.graph = graph;
    this.tracks = assignTracks(graph);
    reconcile(
      this.edgeParts,
      graph.edges,
      (edge) => edge.id,
      (edge) => this.buildEdge(edge.id),
      dropEdge,
    );
    reconcile(
      this.nodeParts,
      graph.nodes,
      (node) => node.id,
      (node) => this.buildNode(node.id),
      (p) => p.group.remove(),
    );
    if (this.geometry) this.layout(this.geometry.box);
  }

  /** Layout: depends on the box only, and runs again only when the box changes. */
  layout(box: Box): void {
    if (box.width <= 0 || box.height <= 0) return;
    const geometry = computeGeometry(this.graph, this.tracks, box, layoutStyle(box, this.graph.nodes.length));
    this.geometry = geometry;
    this.wires.replaceChildren(
      ...geometry.wires.map((y) =>
        svg("path", { d: `M${geometry.left} ${roundTo(y, 1)}H${geometry.right}` }),
      ),
    );
    for (const [id, run] of geometry.runs) {
      const parts = this.edgeParts.get(id);
      if (!parts) continue;
      for (const path of [parts.casing, parts.line, parts.core]) set(path, { d: run.d });
      set(parts.badge, at(run.middle, run.y));
      // A position that is free of locks and of the next cut's name.
      set(parts.pendingMark, at(run.from + (run.to - run.from) * 0.2, run.y));
    }
    for (const node of this.graph.nodes) this.layoutNode(node.id, geometry);
    if (this.scene) this.update(this.scene, false);
  }

  /** Update: states, widths and focus; edges removed since the last update are animated. */
  update(scene: Scene, motion = true): void {
    const moves = motion && this.scene !== null && !reducedMotion();
    this.scene = scene;
    this.appearances = new Map(scene.edges.map((appearance) => [appearance.id, appearance]));
    const spread = importanceSpread(scene.edges);
    this.host.toggleAttribute("data-pale", scene.pale === true);
    for (const appearance of scene.edges) {
      const parts = this.edgeParts.get(appearance.id);
      if (!parts) continue;
      const was = parts.state;
      this.paintEdge(parts, appearance, spread, scene.focus === appearance.id);
      if (moves && appearance.state === "removed" && was !== null && was !== "removed")
        this.part(appearance.id);
    }
    this.stack(scene);
    const ends = endsOf(this.graph, scene.focus);
    for (const appearance of scene.nodes) this.paintNode(appearance, ends.includes(appearance.id));
    this.paintChips(scene);
  }

  hit(x: number, y: number, coarse = false): string | null {
    return this.geometry ? hitTest(this.geometry, this.appearances.values(), x, y, coarse) : null;
  }

  elementId(target: string): string {
    return `${this.idPrefix}-${target}`;
  }

  destroy(): void {
    this.host.replaceChildren();
    this.edgeParts.clear();
    this.nodeParts.clear();
  }

  private buildEdge(id: string): EdgeParts {
    const casing = svg("path", { class: styles.casing });
    const line = svg("path", { class: styles.line });
    const core = svg("path", { class: styles.core });
    const arrow = svg("path", { class: styles.arrow });
    const group = svg(
      "g",
      { class: styles.edge, role: "img", id: this.elementId(id), "data-edge": id },
      casing,
      line,
      core,
      arrow,
    );
    const badge = svg("g");
    const pendingMark = svg("g");
    this.edges.append(group);
    this.marks.append(badge, pendingMark);
    return { group, casing, line, core, arrow, badge, pendingMark, state: null };
  }

  private buildNode(id: number): NodeParts {
    const rect = svg("rect", { rx: 4 });
    const number = svg("text", { class: styles.number, "text-anchor": "middle" }, String(id));
    const op = svg("text", { class: styles.op, "text-anchor": "middle" });
    const mark = svg("g");
    const inner = svg("rect", { class: styles.inner, rx: 2.5 });
    const tint = svg("rect", { class: styles.tint, rx: 1.5 });
    const lock = svg("g");
    const pendingMark = svg("g");
    const group = svg(
      "g",
      { class: styles.node, role: "img", id: this.elementId(String(id)), "data-node": id },
      rect,
      tint,
      inner,
      number,
      op,
      mark,
      lock,
      pendingMark,
    );
    this.nodes.append(group);
    return { group, rect, inner, tint, number, op, leaf: mark, lock, pendingMark };
  }

  private layoutNode(id: number, geometry: Geometry): void {
    const parts = this.nodeParts.get(id);
    if (!parts) return;
    const { nodeWidth: width, nodeHeight: height } = geometry;
    set(parts.group, at(geometry.x.get(id) ?? 0, geometry.centre));
    set(parts.rect, { x: -width / 2, y: -height / 2, width, height });
    const inside = Math.max(1, width - 5);
    set(parts.inner, { x: -inside / 2, y: -height / 2 + 2.5, width: inside, height: height - 5 });
    set(parts.tint, { x: -width / 2 + 3, y: height / 2 - 5, width: Math.max(1, width - 6), height: 3 });
    set(parts.lock, at(width / 2 - 2, -height / 2));
    set(parts.pendingMark, at(-width / 2 + 2, -height / 2));
    parts.leaf.replaceChildren(leaf(width < 40 ? 0.6 : 1));
    set(parts.leaf, at(width / 2 + 2, 0));
    // Below these widths text would overlap its neighbour; the table shows it in full.
    set(parts.number, { display: width < 15 ? "none" : "inline" });
    set(parts.op, { display: width < 30 ? "none" : "inline" });
    set(parts.number, { y: width < 30 ? 4 : -2 });
    set(parts.op, { y: 11 });
  }

  private paintEdge(parts: EdgeParts, appearance: EdgeAppearance, spread: number, on: boolean): void {
    const width = lineWidth(appearance, spread);
    parts.group.toggleAttribute("data-on", on);
    parts.group.toggleAttribute("data-faded", this.isFaded(appearance, on));
    set(parts.group, {
      "data-depth": evidenceLevel(appearance.tests),
      "data-state": appearance.state,
      "aria-label": appearance.label,
    });
    set(parts.casing, { "stroke-width": roundTo(width + CASING, 1) });
    set(parts.line, { "stroke-width": roundTo(width, 1) });
    toggle(parts.pendingMark, appearance.pending, clock);
    const run = this.geometry?.runs.get(appearance.id);
    if (run) set(parts.arrow, { d: arrowHead(run, appearance.state === "next" ? 6.5 : ARROW + width / 2) });
    if (parts.state !== appearance.state) {
      parts.badge.replaceChildren(
        ...(appearance.state === "locked"
          ? [padlock()]
          : appearance.state === "infeasible"
            ? [diamond()]
            : []),
      );
      parts.state = appearance.state;
    }
  }

  /** Everything fades but the edge in focus, or the edges of the node in focus. */
  private isFaded(appearance: EdgeAppearance, on: boolean): boolean {
    const focus = this.scene?.focus ?? null;
    if (focus === null || on || appearance.state === "next" || appearance.state === "locked") return false;
    const node = nodeNumber(focus);
    return node === null || !endsOf(this.graph, appearance.id).includes(node);
  }

  /** Restores the drawing order by moving only elements that are out of place. */
  private stack(scene: Scene): void {
    const height = (appearance: EdgeAppearance) =>
      LAYERS[appearance.state] + (appearance.id === scene.focus ? 4 : 0);
    const wanted = [...scene.edges].sort((a, b) => height(a) - height(b));
    let next = this.edges.firstElementChild;
    for (const appearance of wanted) {
      const group = this.edgeParts.get(appearance.id)?.group;
      if (!group) continue;
      if (group === next) next = next.nextElementSibling;
      else this.edges.insertBefore(group, next);
    }
  }

  private paintNode(appearance: NodeAppearance, on: boolean): void {
    const parts = this.nodeParts.get(appearance.id);
    if (!parts) return;
    parts.group.toggleAttribute("data-on", on);
    parts.group.toggleAttribute("data-leaf", appearance.leaf);
    set(parts.group, {
      class: clsx(styles.node, appearance.removed && styles.removed, appearance.locked && styles.locked),
      "data-op": appearance.op,
      "data-state": appearance.removed ? "removed" : appearance.locked ? "locked" : "active",
      "aria-label": appearance.label,
    });
    toggle(parts.lock, appearance.locked, padlock);
    toggle(parts.pendingMark, appearance.pending, clock);
    const room = this.geometry?.nodeWidth ?? Number.POSITIVE_INFINITY;
    const op = fitOpName(appearance.op, room, appearance.width);
    if (parts.op.textContent !== op) parts.op.textContent = op;
  }

  private paintChips(scene: Scene): void {
    const next = scene.edges.find((appearance) => appearance.state === "next");
    this.paintChip(this.nextChip, next?.id ?? null, next ? `${formatEdge(next.id)} next cut` : "");
    const focus = scene.focus ? this.appearances.get(scene.focus) : undefined;
    const named = focus && focus.state !== "next" ? focus : undefined;
    const badge = named?.state === "locked" || named?.state === "infeasible";
    this.paintChip(this.focusChip, named?.id ?? null, named ? formatEdge(named.id) : "", badge ? 15 : 0);
  }

  private paintChip(element: SVGGElement, edge: string | null, text: string, aside = 0): void {
    const run = edge ? this.geometry?.runs.get(edge) : undefined;
    set(element, { display: run ? "inline" : "none" });
    if (!run) return;
    label(element, text);
    // If the run is too short for the name, the name goes outside.
    const outside = run.to - run.from < text.length * 6.4 + 24 ? 14 : aside;
    set(element, at(run.middle, run.y - run.side * outside));
  }

  /** Animates a removal: the edge splits in the middle and retracts to its nodes; the dashed trace stays. */
  private part(id: string): void {
    const run = this.geometry?.runs.get(id);
    if (!run) return;
    const path = svg("path", { class: styles.parting, "data-parting": "", d: run.d, pathLength: 1 });
    path.addEventListener("animationend", () => path.remove(), { once: true });
    this.partings.append(path);
  }
}

/** At the end of an edge, `half` as wide to each side. */
function arrowHead(run: Run, half: number): string {
  const tip = run.base - run.side;
  return `M${run.to - half} ${tip - run.side * 2 * half}H${run.to + half}L${run.to} ${tip}Z`;
}

/** Adds or removes a mark. */
function toggle(group: SVGGElement, wanted: boolean, make: () => SVGGElement): void {
  if (wanted !== group.hasChildNodes()) group.replaceChildren(...(wanted ? [make()] : []));
}

/** The node of a target, or both ends of an edge. */
function endsOf(graph: DagGraph, target: string | null): number[] {
  const node = nodeNumber(target);
  if (node !== null) return [node];
  const edge = graph.edges.find((each) => each.id === target);
  return edge ? [edge.source, edge.target] : [];
}

function dropEdge(parts: EdgeParts): void {
  for (const part of [parts.group, parts.badge, parts.pendingMark]) part.remove();
}

function reconcile<K, T, P>(
  have: Map<K, P>,
  want: readonly T[],
  key: (item: T) => K,
  make: (item: T) => P,
  drop: (parts: P) => void,
): void {
  const keys = new Set(want.map(key));
  for (const [id, parts] of have) {
    if (keys.has(id)) continue;
    drop(parts);
    have.delete(id);
  }
  for (const item of want) if (!have.has(key(item))) have.set(key(item), make(item));
}
