// The layered drawing on a canvas. The drawing is painted into a picture somewhat larger than the view, a few milliseconds a
// frame; panning and zooming show this picture moved and scaled, and a new one follows. What is in focus is painted on top
// of it in every frame, since it is little. So a frame costs about the same for ten nodes and for five hundred.
import { nodeNumber, type Scene, type Target } from "../graph";
import { type Camera, centre, fitTo, open, pan, reveal, toDrawing, type View, zoom } from "./camera";
import { type Drawing, inView, paint, paintFocus, paintFound } from "./drawing";
import type { Direction, LayeredGraph } from "./graph";
import { directionFor, sameLayout } from "./graph";
import { Grid } from "./grid";
import { type Layout, layOut, type Point } from "./layout";
import { looksOf } from "./looks";
import { followTheme, type Palette, readPalette } from "./palette";

/** The picture reaches this far beyond the view, as a share of it, on each side. */
const MARGIN = 0.3;
/** Milliseconds without a change of the camera after which the picture is painted at its scale. */
const REST = 120;
/** A picture that is scaled by more than this is painted again while the zoom goes on. */
const BLURRED = 1.7;
/** Milliseconds of painting a frame. */
const BUDGET = 4;
/** The scale at which a node that was searched for is shown, at least. */
const READABLE = 0.8;
const [REACH, FINGER] = [7, 2];
/** Pictures are read back while they are painted. */
const IN_MEMORY = { willReadFrequently: true };
const MOST_DENSITY = 2; // pixels of the canvas per pixel of the page

interface Picture {
  readonly canvas: HTMLCanvasElement;
  readonly pen: CanvasRenderingContext2D;
  /** where the picture's corner is, and its scale */
  camera: Camera;
  version: number;
}

export class LayeredCanvas {
  private graph: LayeredGraph = { nodes: [], edges: [] };
  private scene: Scene | null = null;
  private drawing: Drawing | null = null;
  private grid: Grid | null = null;
  private gridDone = true;
  private palette: Palette;
  private view: View = { width: 0, height: 0 };
  private density = 1;
  private camera: Camera | null = null;
  private focus: Target | null = null;
  private found: readonly number[] = [];
  /** grows with every change of what is drawn */
  private version = 0;
  private shown: Picture | null = null;
  private next: { picture: Picture; steps: Generator<void> } | null = null;
  private spare: Picture | null = null;
  private movedAt = 0;
  private frame = 0;
  private readonly pen: CanvasRenderingContext2D;
  private readonly stopFollowing: () => void;

  constructor(
    private readonly canvas: HTMLCanvasElement,
    private readonly host: HTMLElement,
    private readonly onCamera: (scale: number) => void,
  ) {
    this.pen = contextOf(canvas);
    this.palette = readPalette(host);
    this.stopFollowing = followTheme(() => {
      this.palette = readPalette(this.host);
      if (this.drawing) this.change({ ...this.drawing, palette: this.palette });
    });
  }

  destroy(): void {
    cancelAnimationFrame(this.frame);
    this.stopFollowing();
  }

  get layout(): Layout | null {
    return this.drawing?.layout ?? null;
  }

  /** What is drawn and how; the layout starts from the one before. */
  update(graph: LayeredGraph, scene: Scene | null): void {
    const same = this.drawing !== null && (graph === this.graph || sameLayout(graph, this.drawing.graph));
    this.graph = graph;
    this.scene = scene;
    if (this.view.width <= 0) return;
    const former = this.drawing?.layout ?? null;
    const direction = directionFor(this.view);
    const layout =
      same && former?.direction === direction ? former : layOut(graph, direction, turned(former, direction));
    this.arrange(layout);
  }

  resize(view: View): void {
    if (view.width <= 0 || view.height <= 0) return;
    const density = Math.min(MOST_DENSITY, devicePixelRatio || 1);
    if (view.width === this.view.width && view.height === this.view.height && density === this.density)
      return;
    this.view = view;
    this.density = density;
    this.canvas.width = Math.round(view.width * density);
    this.canvas.height = Math.round(view.height * density);
    this.shown = this.next = this.spare = null;
    this.update(this.graph, this.scene);
  }

  /** Highlights a node with its edges, or an edge with its ends. */
  highlight(focus: Target | null): void {
    if (focus === this.focus) return;
    this.focus = focus;
    this.request();
  }

  mark(found: readonly number[]): void {
    this.found = found;
    this.request();
  }

  /** Moves the camera if the node, or all of the edge, is out of view. */
  reveal(target: Target): void {
    const { layout, camera, view } = this;
    const box = layout?.boxes.get(nodeNumber(target) ?? Number(target.split("-")[1]));
    if (!layout || !box || !camera) return;
    const route = layout.routes.get(target) ?? [];
    const seen = route.some((index) => {
      const piece = layout.pieces[index];
      return piece !== undefined && inView(piece, camera, view);
    });
    if (!seen) this.move(reveal(camera, box, view));
  }

  /** Moves a node to the middle, large enough to be read. */
  centre(node: number): void {
    const box = this.layout?.boxes.get(node);
    if (!box || !this.camera) return;
    this.move(centre({ ...this.camera, scale: Math.max(this.camera.scale, READABLE) }, box, this.view));
  }

  fit(): void {
    if (this.layout) this.move(fitTo(this.layout, this.view));
  }

  pan(dx: number, dy: number): void {
    if (this.camera) this.move(pan(this.camera, dx, dy));
  }

  zoom(factor: number, at: Point = { x: this.view.width / 2, y: this.view.height / 2 }): void {
    if (this.camera) this.move(zoom(this.camera, factor, at));
  }

  /** The edge or node at a point of the view. Of edges that share a line the shortest is hit; removed ones come last. */
  hit(at: Point, coarse = false): Target | null {
    if (!this.drawing || !this.grid || !this.camera) return null;
    const { layout, looks } = this.drawing;
    const reach = (REACH * (coarse ? FINGER : 1)) / this.camera.scale;
    const point = toDrawing(this.camera, at);
    const removed = (ids: readonly string[]) => ids.every((id) => looks.edges.get(id)?.state === "removed");
    const hit =
      this.grid.hit(point, reach, ({ edges }) => !removed(edges)) ??
      this.grid.hit(point, reach / 2, ({ edges }) => removed(edges));
    if (!hit) return null;
    if ("node" in hit) return String(hit.node);
    const length = (id: string) => layout.routes.get(id)?.length ?? 0;
    return hit.piece.edges.reduce((best, id) => (length(id) < length(best) ? id : best));
  }

  /** For exports: what is drawn, and how. */
  get current(): Drawing | null {
    return this.drawing;
  }

  private arrange(layout: Layout): void {
    const first = !this.drawing || this.drawing.layout.boxes.size === 0;
    const turnedAround = this.drawing?.layout.direction !== layout.direction;
    if (layout !== this.drawing?.layout) {
      this.grid = new Grid(layout);
      this.gridDone = false;
    }
    const { graph, palette } = this;
    this.change({ graph, layout, palette, looks: looksOf(layout, this.scene) });
    if (first || turnedAround || !this.camera) this.move(open(layout, this.view));
  }

  private change(drawing: Drawing): void {
    this.drawing = drawing;
    this.version++;
    this.request();
  }

  private move(camera: Camera): void {
    this.camera = camera;
    this.movedAt = performance.now();
    this.onCamera(camera.scale);
    this.request();
  }

  private request(): void {
    this.frame ||= requestAnimationFrame(() => {
      this.frame = 0;
      this.render();
    });
  }

  private render(): void {
    const { drawing, camera } = this;
    if (!drawing || !camera) return;
    if (this.next) this.continuePicture();
    else if (this.isOutdated(camera)) this.beginPicture(drawing, camera);
    else if (!this.gridDone) this.growGrid();
    this.compose(drawing, camera);
    if (this.next || !this.gridDone || this.isOutdated(camera) || this.isBlurred(camera)) this.request();
  }

  /** Whether a new picture is due: at once if something is missing, at rest if it is only scaled. */
  private isOutdated(camera: Camera): boolean {
    const { shown, view } = this;
    if (!shown || shown.version !== this.version) return true;
    const by = camera.scale / shown.camera.scale;
    if (by > BLURRED || by < 1 / BLURRED) return true;
    if (by !== 1 && performance.now() - this.movedAt >= REST) return true;
    const left = camera.x - shown.camera.x * by;
    const top = camera.y - shown.camera.y * by;
    // Half of the margin is left when the next picture is begun.
    const spare = MARGIN / 2;
    const [w, h] = [view.width, view.height];
    const [right, bottom] = [left + w * (1 + 2 * MARGIN) * by, top + h * (1 + 2 * MARGIN) * by];
    return left > -w * spare || top > -h * spare || right < w * (1 + spare) || bottom < h * (1 + spare);
  }

  private isBlurred(camera: Camera): boolean {
    return this.shown !== null && this.shown.camera.scale !== camera.scale;
  }

  private beginPicture(drawing: Drawing, camera: Camera): void {
    const size = {
      width: Math.ceil(this.view.width * (1 + 2 * MARGIN)),
      height: Math.ceil(this.view.height * (1 + 2 * MARGIN)),
    };
    const moved = pan(camera, Math.round(this.view.width * MARGIN), Math.round(this.view.height * MARGIN));
    const picture = this.spare ?? this.makePicture(size, camera);
    this.spare = null;
    picture.camera = moved;
    picture.version = this.version;
    picture.pen.setTransform(this.density, 0, 0, this.density, 0, 0);
    picture.pen.clearRect(0, 0, size.width, size.height);
    this.next = { picture, steps: paint(picture.pen, drawing, moved, size) };
    this.continuePicture();
  }

  private makePicture(size: View, camera: Camera): Picture {
    const canvas = document.createElement("canvas");
    canvas.width = Math.round(size.width * this.density);
    canvas.height = Math.round(size.height * this.density);
    return { canvas, pen: contextOf(canvas, IN_MEMORY), camera, version: -1 };
  }

  private continuePicture(): void {
    if (!this.next) return;
    const { picture, steps } = this.next;
    const until = performance.now() + BUDGET;
    do {
      if (steps.next().done) {
        this.spare = this.shown;
        this.shown = picture;
        this.next = null;
        return;
      }
      // A canvas draws later than its calls return; reading a pixel makes it draw now, so that the time counts.
      picture.pen.getImageData(0, 0, 1, 1);
    } while (performance.now() < until);
  }

  private growGrid(): void {
    const until = performance.now() + BUDGET;
    do this.gridDone = this.grid?.grow() ?? true;
    while (!this.gridDone && performance.now() < until);
  }

  private compose(drawing: Drawing, camera: Camera): void {
    const { pen, view, density, shown } = this;
    pen.setTransform(density, 0, 0, density, 0, 0);
    pen.clearRect(0, 0, view.width, view.height);
    if (!shown) return;
    const by = camera.scale / shown.camera.scale;
    // The picture's own camera is where its corner is; it moved by the margin, which is part of x and y already.
    const [x, y] = [camera.x - shown.camera.x * by, camera.y - shown.camera.y * by];
    const [w, h] = [shown.canvas.width / density, shown.canvas.height / density];
    pen.globalAlpha = drawing.looks.pale ? 0.6 : 1;
    pen.imageSmoothingEnabled = by !== 1;
    pen.drawImage(shown.canvas, x, y, w * by, h * by);
    pen.globalAlpha = 1;
    if (this.found.length > 0) paintFound(pen, drawing, camera, view, this.found);
    if (this.focus !== null) paintFocus(pen, drawing, camera, view, this.focus);
  }
}

function contextOf(
  canvas: HTMLCanvasElement,
  settings?: CanvasRenderingContext2DSettings,
): CanvasRenderingContext2D {
  const context = canvas.getContext("2d", settings);
  if (!context) throw new Error("this browser draws on no canvas");
  return context;
}

/** A layout in another direction has the same layers and order. */
function turned(former: Layout | null, direction: Direction): Layout | null {
  return former && { ...former, direction };
}
