// Draws a layout with a pen, in steps, so that a large drawing can be spread over several frames. What is out of view or
// too small to be read is left out.
import type { NodeAppearance, Target } from "../graph";
import { nodeNumber } from "../graph";
import { type Camera, toView, type View } from "./camera";
import { cellTitle, type LayeredGraph, type LayeredNode } from "./graph";
import { pointOn } from "./grid";
import type { Box, Layout, Piece, Point } from "./layout";
import type { LineStyle, Looks } from "./looks";
import type { Palette } from "./palette";
import type { Pen } from "./pen";

export interface Drawing {
  readonly graph: LayeredGraph;
  readonly layout: Layout;
  readonly looks: Looks;
  readonly palette: Palette;
}

/** Pieces and boxes that one step draws: the canvas needs a few milliseconds for them. */
const STEP = { lines: 350, boxes: 60 };
const TITLE = 12;
const DETAIL = 10.5;
const LEGIBLE = 7; // pixels of a letter's height that can be read
const CURVED = 0.16; // of the scale: below it curves look straight
const POINTED = 0.2; // below it arrowheads are dots
const DASHED = 0.3;
/** With more edges per node, sizes on lines would cover each other. */
const SPARSE = 2;
const [ARROW_LENGTH, ARROW_WIDTH] = [8, 7];

/** Everything but what is in focus. Yields after each step. */
export function* paint(pen: Pen, drawing: Drawing, camera: Camera, view: View): Generator<void> {
  const { layout, looks, palette, graph } = drawing;
  for (const { style, pieces } of looks.styles) {
    const colour = colourOf(style, palette);
    for (let from = 0; from < pieces.length; ) {
      const some: Piece[] = [];
      for (; from < pieces.length && some.length < STEP.lines; from++) {
        const piece = layout.pieces[pieces[from] ?? -1];
        if (piece && inView(piece, camera, view)) some.push(piece);
      }
      if (some.length === 0) continue;
      strokeLines(pen, some, camera, colour, style, palette);
      fillArrows(pen, some, camera, colour);
      yield;
    }
  }
  const labelled = graph.edges.length <= graph.nodes.length * SPARSE;
  if (labelled && camera.scale * DETAIL >= LEGIBLE) {
    for (const { id, size } of graph.edges) labelEdge(pen, drawing, camera, view, id, size);
    yield;
  }
  yield* paintMarks(pen, drawing, camera, view);
  let count = 0;
  for (const node of graph.nodes) {
    const box = layout.boxes.get(node.id);
    if (!box || !boxInView(box, camera, view)) continue;
    paintNode(pen, node, box, looks.nodes.get(node.id), camera, palette);
    if (++count % STEP.boxes === 0) yield;
  }
}

/** Lines and boxes in focus, on top of everything: an edge with its ends, or a node with its edges. */
export function paintFocus(pen: Pen, drawing: Drawing, camera: Camera, view: View, focus: Target): void {
  const { graph, layout, palette, looks } = drawing;
  const node = nodeNumber(focus);
  const edges = graph.edges.filter(({ id, source, target }) =>
    node === null ? id === focus : source === node || target === node,
  );
  const pieces = [...new Set(edges.flatMap(({ id }) => layout.routes.get(id) ?? []))].flatMap((index) => {
    const piece = layout.pieces[index];
    return piece && inView(piece, camera, view) ? [piece] : [];
  });
  const style: LineStyle = { state: null, evidence: 2, width: 2.6 };
  strokeLines(pen, pieces, { ...camera }, palette.paper, { ...style, width: 6 }, palette);
  strokeLines(pen, pieces, camera, palette.focus, style, palette, 2);
  fillArrows(pen, pieces, camera, palette.focus, 0.55);
  if (camera.scale * DETAIL >= LEGIBLE)
    for (const { id, size } of edges) labelEdge(pen, drawing, camera, view, id, size);
  const ends = new Set(node === null ? edges.flatMap(({ source, target }) => [source, target]) : [node]);
  const near = new Set(edges.flatMap(({ source, target }) => [source, target]));
  for (const each of graph.nodes) {
    const box = near.has(each.id) || ends.has(each.id) ? layout.boxes.get(each.id) : undefined;
    if (!box || !boxInView(box, camera, view)) continue;
    paintNode(pen, each, box, looks.nodes.get(each.id), camera, palette);
    outline(pen, box, camera, palette.focus, ends.has(each.id) ? 3 : 1.5);
  }
}

/** Boxes that a search by name found. */
export function paintFound(
  pen: Pen,
  drawing: Drawing,
  camera: Camera,
  view: View,
  found: readonly number[],
): void {
  const names = new Map(drawing.graph.nodes.map((node) => [node.id, node]));
  for (const id of found) {
    const [node, box] = [names.get(id), drawing.layout.boxes.get(id)];
    if (!node || !box || !boxInView(box, camera, view)) continue;
    const look = drawing.looks.nodes.get(id);
    paintNode(pen, node, box, look, camera, drawing.palette, drawing.palette.infoWash);
    outline(pen, box, camera, drawing.palette.info, 2);
  }
}

// --- lines ---

function strokeLines(
  pen: Pen,
  pieces: readonly Piece[],
  camera: Camera,
  colour: string,
  { state, width }: LineStyle,
  palette: Palette,
  least = 0.7,
): void {
  const wide = Math.max(least, width * Math.min(1.3, Math.max(0.3, camera.scale)));
  const dashed = state === "removed" && camera.scale >= DASHED;
  pen.strokeStyle = colour;
  pen.lineWidth = wide;
  pen.setLineDash(dashed ? [4, 4] : []);
  pen.beginPath();
  for (const piece of pieces) tracePiece(pen, piece, camera);
  pen.stroke();
  pen.setLineDash([]);
  if (state !== "locked" || wide < 3) return;
  pen.strokeStyle = palette.paper;
  pen.lineWidth = wide * 0.45;
  pen.stroke();
}

function tracePiece(pen: Pen, { start, leave, bend, bow, enter, end }: Piece, camera: Camera): void {
  const { x, y, scale: k } = camera;
  pen.moveTo(start.x * k + x, start.y * k + y);
  if (k < CURVED) {
    pen.lineTo(end.x * k + x, end.y * k + y);
    return;
  }
  pen.lineTo(leave.x * k + x, leave.y * k + y);
  if (leave.x === enter.x || leave.y === enter.y) pen.lineTo(enter.x * k + x, enter.y * k + y);
  else
    pen.bezierCurveTo(
      bend.x * k + x,
      bend.y * k + y,
      bow.x * k + x,
      bow.y * k + y,
      enter.x * k + x,
      enter.y * k + y,
    );
  pen.lineTo(end.x * k + x, end.y * k + y);
}

function fillArrows(
  pen: Pen,
  pieces: readonly Piece[],
  camera: Camera,
  colour: string,
  least = POINTED,
): void {
  const { x, y, scale } = camera;
  const k = Math.max(scale, least);
  if (k < POINTED) return;
  pen.fillStyle = colour;
  pen.beginPath();
  for (const { last, bow, enter, end } of pieces) {
    if (!last || (scale < POINTED && least <= POINTED)) continue;
    // Lines arrive along the direction of running.
    const from = enter.x === end.x && enter.y === end.y ? bow : enter;
    const down = from.x === end.x;
    const [tipX, tipY] = [end.x * scale + x, end.y * scale + y];
    const [long, half] = [ARROW_LENGTH * Math.min(k, 1.3), (ARROW_WIDTH / 2) * Math.min(k, 1.3)];
    pen.moveTo(tipX, tipY);
    pen.lineTo(down ? tipX - half : tipX - long, down ? tipY - long : tipY - half);
    pen.lineTo(down ? tipX + half : tipX - long, down ? tipY - long : tipY + half);
    pen.closePath();
  }
  pen.fill();
}

/** Removed edges can be restored by a click, so they too have a contrast of 3:1. */
function colourOf({ state, evidence }: LineStyle, palette: Palette): string {
  if (state === null || state === "removed") return palette.line;
  if (state === "next") return palette.cut;
  if (state === "locked") return palette.lock;
  return [palette.weak, palette.fair, palette.strong][evidence - 1] ?? palette.fair;
}

function labelEdge(
  pen: Pen,
  { layout, palette }: Drawing,
  camera: Camera,
  view: View,
  id: string,
  size: string,
): void {
  const route = layout.routes.get(id) ?? [];
  const piece = layout.pieces[route.at(-1) ?? -1];
  if (size === "" || !piece) return;
  const at = toView(camera, pointOn(piece, 0.5));
  if (at.x < -60 || at.y < -20 || at.x > view.width + 60 || at.y > view.height + 20) return;
  // A gap between layers side by side that is too narrow has no label; the node names the size too.
  if (layout.direction === "right" && piece.end.x - piece.start.x < size.length * DETAIL * 0.56 + 6) return;
  label(pen, palette, at, size, palette.paleInk, DETAIL * Math.min(1.2, camera.scale));
}

function label(pen: Pen, palette: Palette, at: Point, text: string, colour: string, height: number): void {
  const width = text.length * height * 0.56 + 6;
  pen.fillStyle = palette.paper;
  pen.beginPath();
  pen.roundRect(at.x - width / 2, at.y - height * 0.7, width, height * 1.4, 3);
  pen.fill();
  pen.fillStyle = colour;
  pen.font = `${height}px ${palette.font}`;
  pen.textAlign = "center";
  pen.textBaseline = "middle";
  pen.fillText(text, at.x, at.y);
}

// --- marks of states ---

/** On lines: what will be cut next, locks, cuts that are not allowed, and requests that wait. */
function* paintMarks(pen: Pen, drawing: Drawing, camera: Camera, view: View): Generator<void> {
  if (camera.scale < DASHED) return;
  const { layout, looks, palette } = drawing;
  let count = 0;
  for (const [id, { state, pending }] of looks.edges) {
    if (!pending && (state === "active" || state === "removed")) continue;
    const route = layout.routes.get(id) ?? [];
    const piece = layout.pieces[route[route.length >> 1] ?? -1];
    if (!piece || !inView(piece, camera, view)) continue;
    const at = toView(camera, pointOn(piece, 0.5));
    const size = Math.min(1, camera.scale * 1.1);
    if (state === "locked") paintPadlock(pen, at, size, palette);
    if (state === "infeasible") paintDiamond(pen, at, size, palette);
    if (state === "next")
      label(pen, palette, at, `${id.replace("-", "→")} next cut`, palette.cutText, 11 * Math.max(0.8, size));
    if (pending) paintClock(pen, toView(camera, pointOn(piece, 0.2)), size, palette);
    if (++count % STEP.boxes === 0) yield;
  }
}

function paintPadlock(pen: Pen, { x, y }: Point, s: number, palette: Palette): void {
  disc(pen, x, y, 9 * s, palette.paper);
  pen.strokeStyle = palette.lock;
  pen.lineWidth = 1.6 * s;
  pen.beginPath();
  pen.moveTo(x - 2.8 * s, y - 0.8 * s);
  pen.lineTo(x - 2.8 * s, y - 3 * s);
  pen.bezierCurveTo(x - 2.8 * s, y - 6.6 * s, x + 2.8 * s, y - 6.6 * s, x + 2.8 * s, y - 3 * s);
  pen.lineTo(x + 2.8 * s, y - 0.8 * s);
  pen.stroke();
  pen.fillStyle = palette.lock;
  pen.beginPath();
  pen.roundRect(x - 4.5 * s, y - 0.8 * s, 9 * s, 7 * s, 1.2 * s);
  pen.fill();
}

function paintDiamond(pen: Pen, { x, y }: Point, s: number, palette: Palette): void {
  const r = 6 * s;
  pen.fillStyle = palette.paper;
  pen.strokeStyle = palette.ink;
  pen.lineWidth = 1.2;
  pen.beginPath();
  pen.moveTo(x, y - r);
  pen.lineTo(x + r, y);
  pen.lineTo(x, y + r);
  pen.lineTo(x - r, y);
  pen.closePath();
  pen.fill();
  pen.moveTo(x - r / 2, y - r / 2);
  pen.lineTo(x + r / 2, y + r / 2);
  pen.stroke();
}

function paintClock(pen: Pen, { x, y }: Point, s: number, palette: Palette): void {
  disc(pen, x, y, 9 * s, palette.paper);
  disc(pen, x, y, 7 * s, palette.infoWash);
  pen.strokeStyle = palette.info;
  pen.lineWidth = 1.5 * s;
  pen.stroke();
  pen.beginPath();
  pen.moveTo(x, y - 3.8 * s);
  pen.lineTo(x, y + 0.5 * s);
  pen.lineTo(x + 3.2 * s, y + 2.6 * s);
  pen.stroke();
}

function disc(pen: Pen, x: number, y: number, radius: number, colour: string): void {
  pen.fillStyle = colour;
  pen.beginPath();
  pen.arc(x, y, radius, 0, 2 * Math.PI);
  pen.fill();
}

function paintLeaf(pen: Pen, { x, y }: Point, s: number, palette: Palette): void {
  pen.fillStyle = palette.fair;
  pen.beginPath();
  pen.moveTo(x, y);
  pen.bezierCurveTo(x + 5 * s, y - 8 * s, x + 11 * s, y - 8 * s, x + 15 * s, y - 8 * s);
  pen.bezierCurveTo(x + 15 * s, y - 3 * s, x + 12 * s, y + 3 * s, x, y);
  pen.closePath();
  pen.fill();
}

// --- nodes ---

function paintNode(
  pen: Pen,
  node: LayeredNode,
  box: Box,
  look: NodeAppearance | undefined,
  camera: Camera,
  palette: Palette,
  ground = palette.sheet,
): void {
  const { scale } = camera;
  const { x, y } = toView(camera, box);
  const [width, height] = [box.width * scale, box.height * scale];
  const removed = look?.removed === true;
  pen.fillStyle = removed ? palette.paper : ground;
  pen.strokeStyle = removed ? palette.line : look?.locked ? palette.lock : palette.ink;
  pen.lineWidth = Math.max(0.6, Math.min(1.3, scale));
  pen.setLineDash(removed && scale >= DASHED ? [3, 3] : []);
  rounded(pen, x, y, width, height, 4 * scale);
  pen.fill();
  pen.stroke();
  pen.setLineDash([]);
  if (look?.locked && scale >= DASHED) {
    rounded(pen, x, y, width - 5 * scale, height - 5 * scale, 2.5 * scale);
    pen.stroke();
    paintPadlock(pen, { x: x + width / 2, y: y - height / 2 }, Math.min(1, scale), palette);
  }
  if (look?.leaf && !removed && scale >= DASHED)
    paintLeaf(pen, { x: x + width / 2 + 1, y: y + height / 4 }, Math.min(1, scale), palette);
  if (look?.pending && scale >= DASHED)
    paintClock(pen, { x: x - width / 2, y: y - height / 2 }, Math.min(1, scale), palette);
  // The operation of a node may change in a search.
  const title = look ? cellTitle(look.id, look.op || node.title, look.width) : node.title;
  paintText(pen, { title, detail: node.detail }, box, { x, y }, scale, removed, palette);
}

function paintText(
  pen: Pen,
  { title, detail }: Pick<LayeredNode, "title" | "detail">,
  box: Box,
  { x, y }: Point,
  scale: number,
  removed: boolean,
  palette: Palette,
): void {
  if (TITLE * scale < LEGIBLE) return;
  pen.textAlign = "center";
  pen.textBaseline = "middle";
  pen.fillStyle = removed ? palette.paleInk : palette.ink;
  pen.font = `600 ${TITLE * scale}px ${palette.font}`;
  pen.fillText(shorten(title, box.width, 6.7), x, detail === "" ? y : y - 7 * scale);
  if (detail === "" || DETAIL * scale < LEGIBLE) return;
  pen.fillStyle = removed ? palette.paleInk : palette.softInk;
  pen.font = `${DETAIL * scale}px ${palette.font}`;
  pen.fillText(shorten(detail, box.width, 5.9), x, y + 8 * scale);
}

function shorten(text: string, width: number, letter: number): string {
  const letters = Math.floor((width - 12) / letter);
  return text.length <= letters ? text : `${text.slice(0, Math.max(1, letters - 1))}…`;
}

function outline(pen: Pen, box: Box, camera: Camera, colour: string, width: number): void {
  const { x, y } = toView(camera, box);
  pen.strokeStyle = colour;
  pen.lineWidth = width;
  const [w, h] = [Math.max(4, box.width * camera.scale), Math.max(4, box.height * camera.scale)];
  rounded(pen, x, y, w + width, h + width, 4 * camera.scale + width / 2);
  pen.stroke();
}

/** A path around a middle. */
function rounded(pen: Pen, x: number, y: number, width: number, height: number, radius: number): void {
  pen.beginPath();
  pen.roundRect(x - width / 2, y - height / 2, width, height, Math.min(radius, width / 2, height / 2));
}

// --- what is in view ---

export function inView({ start, end }: Piece, { x, y, scale }: Camera, view: View): boolean {
  const [ax, bx] = [start.x * scale + x, end.x * scale + x];
  const [ay, by] = [start.y * scale + y, end.y * scale + y];
  return (
    Math.max(ax, bx) >= -10 &&
    Math.min(ax, bx) <= view.width + 10 &&
    Math.max(ay, by) >= -10 &&
    Math.min(ay, by) <= view.height + 10
  );
}

function boxInView(box: Box, camera: Camera, view: View): boolean {
  const { x, y } = toView(camera, box);
  const [w, h] = [(box.width * camera.scale) / 2 + 20, (box.height * camera.scale) / 2 + 20];
  return x + w >= 0 && x - w <= view.width && y + h >= 0 && y - h <= view.height;
}
