// Hit test: a grid over the drawing knows which boxes and lines pass through each of its cells.
import type { Layout, Piece, Point } from "./layout";

/** What is hit: a node's box, or a line that one edge or several run along. */
export type Hit = { readonly node: number } | { readonly piece: Piece };

/** Cells along both sides together are bounded, so that the grid of a wide drawing stays small. */
const [SMALLEST, MOST_CELLS] = [48, 20_000];
const SAMPLES = 12;

/** Lines that one step of filling takes up: a millisecond or two. */
const STEP = 500;

export class Grid {
  private readonly cell: number;
  private readonly columns: number;
  private readonly cells = new Map<number, { nodes: number[]; pieces: number[] }>();
  private readonly filling: Generator<void>;

  constructor(private readonly layout: Layout) {
    this.cell = Math.max(SMALLEST, Math.sqrt((layout.width * layout.height) / MOST_CELLS));
    this.columns = Math.ceil(layout.width / this.cell) + 1;
    this.filling = this.fill();
  }

  /** Takes up some more lines; returns whether all are there. Filling a large grid at once would be seen. */
  grow(): boolean {
    return this.filling.next().done === true;
  }

  /** The box at the point or, nearest, within `reach` of it, else the nearest line; `allowed` leaves lines out. */
  hit(point: Point, reach: number, allowed: (piece: Piece) => boolean = () => true): Hit | null {
    while (!this.grow());
    let node: number | null = null;
    let piece: Piece | null = null;
    let [nearest, nearestLine] = [reach, reach];
    for (const index of this.covered(point.x - reach, point.y - reach, point.x + reach, point.y + reach)) {
      const cell = this.cells.get(index);
      if (!cell) continue;
      for (const id of cell.nodes) {
        const box = this.layout.boxes.get(id);
        if (!box) continue;
        const dx = Math.max(0, Math.abs(point.x - box.x) - box.width / 2);
        const dy = Math.max(0, Math.abs(point.y - box.y) - box.height / 2);
        const away = Math.hypot(dx, dy);
        if (away === 0) return { node: id };
        // Beside a box its lines are meant, unless the box is hardly larger than the pointer.
        if (away < nearest && box.height < reach) [nearest, node] = [away, id];
      }
      for (const i of cell.pieces) {
        const each = this.layout.pieces[i];
        if (!each || !allowed(each)) continue;
        const away = distance(each, point);
        if (away < nearestLine) [nearestLine, piece] = [away, each];
      }
    }
    return node !== null ? { node } : piece ? { piece } : null;
  }

  private *fill(): Generator<void> {
    const { layout, cell } = this;
    for (const { id, x, y, width, height } of layout.boxes.values())
      for (const index of this.covered(x - width / 2, y - height / 2, x + width / 2, y + height / 2))
        this.at(index).nodes.push(id);
    for (const [i, piece] of layout.pieces.entries()) {
      if (i % STEP === STEP - 1) yield;
      const length = Math.hypot(piece.end.x - piece.start.x, piece.end.y - piece.start.y);
      const steps = Math.max(2, Math.ceil((length * 3) / cell));
      let last = -1;
      for (let step = 0; step <= steps; step++) {
        const index = this.index(pointOn(piece, step / steps));
        if (index !== last && this.at(index).pieces.at(-1) !== i) this.at(index).pieces.push(i);
        last = index;
      }
    }
  }

  private at(index: number): { nodes: number[]; pieces: number[] } {
    const found = this.cells.get(index) ?? { nodes: [], pieces: [] };
    this.cells.set(index, found);
    return found;
  }

  private index({ x, y }: Point): number {
    return Math.floor(y / this.cell) * this.columns + Math.floor(x / this.cell);
  }

  private *covered(left: number, top: number, right: number, bottom: number): Iterable<number> {
    const [from, to] = [Math.max(0, Math.floor(left / this.cell)), Math.floor(right / this.cell)];
    for (let y = Math.max(0, Math.floor(top / this.cell)); y <= Math.floor(bottom / this.cell); y++)
      for (let x = from; x <= Math.min(to, this.columns - 1); x++) yield y * this.columns + x;
  }
}

/** The point at a share of a piece: its two straight ends take as much of it as of its length. */
export function pointOn(piece: Piece, share: number): Point {
  const { start, leave, enter, end } = piece;
  const [a, b] = [
    Math.hypot(leave.x - start.x, leave.y - start.y),
    Math.hypot(end.x - enter.x, end.y - enter.y),
  ];
  const curve = Math.hypot(enter.x - leave.x, enter.y - leave.y) || 1;
  const at = share * (a + curve + b);
  if (at < a) return between(start, leave, at / a);
  if (at > a + curve) return between(enter, end, b === 0 ? 1 : (at - a - curve) / b);
  const t = (at - a) / curve;
  const { bend, bow } = piece;
  const u = 1 - t;
  const [p, q, r, s] = [u * u * u, 3 * u * u * t, 3 * u * t * t, t * t * t];
  return {
    x: p * leave.x + q * bend.x + r * bow.x + s * enter.x,
    y: p * leave.y + q * bend.y + r * bow.y + s * enter.y,
  };
}

function between(a: Point, b: Point, share: number): Point {
  return { x: a.x + (b.x - a.x) * share, y: a.y + (b.y - a.y) * share };
}

function distance(piece: Piece, point: Point): number {
  let best = Number.POSITIVE_INFINITY;
  let from = pointOn(piece, 0);
  for (let i = 1; i <= SAMPLES; i++) {
    const to = pointOn(piece, i / SAMPLES);
    best = Math.min(best, toSegment(point, from, to));
    from = to;
  }
  return best;
}

function toSegment(point: Point, a: Point, b: Point): number {
  const [dx, dy] = [b.x - a.x, b.y - a.y];
  const length = dx * dx + dy * dy;
  const share = length === 0 ? 0 : ((point.x - a.x) * dx + (point.y - a.y) * dy) / length;
  const at = between(a, b, Math.max(0, Math.min(1, share)));
  return Math.hypot(point.x - at.x, point.y - at.y);
}
