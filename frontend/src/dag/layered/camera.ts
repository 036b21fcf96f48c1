// Which part of a drawing is in view: a point of the drawing times `scale`, plus x and y, is its pixel in the view.
import type { Box, Layout, Point } from "./layout";

export interface Camera {
  readonly x: number;
  readonly y: number;
  readonly scale: number;
}

export interface View {
  readonly width: number;
  readonly height: number;
}

const [LEAST, MOST] = [0.01, 4];
/** A drawing that would be smaller than this in whole is opened at its start. */
const LEGIBLE = 0.55;
const OPENING = 0.8;
const PADDING = 12;

export function fitTo(layout: Layout, view: View): Camera {
  const scale = clamp(
    Math.min(
      (view.width - 2 * PADDING) / Math.max(1, layout.width),
      (view.height - 2 * PADDING) / Math.max(1, layout.height),
      1.15,
    ),
  );
  return {
    scale,
    x: (view.width - layout.width * scale) / 2,
    y: (view.height - layout.height * scale) / 2,
  };
}

/** The whole drawing if it can be read, else its start. */
export function open(layout: Layout, view: View): Camera {
  const whole = fitTo(layout, view);
  const first = layout.boxes.get(layout.layers[0]?.[0] ?? -1);
  if (whole.scale >= LEGIBLE || !first) return whole;
  const middle = centre({ ...whole, scale: OPENING }, first, view);
  return layout.direction === "down" ? { ...middle, y: PADDING } : { ...middle, x: PADDING };
}

export function centre(camera: Camera, at: Point, view: View): Camera {
  const { scale } = camera;
  return { scale, x: view.width / 2 - at.x * scale, y: view.height / 2 - at.y * scale };
}

/** The same camera if the box is in view; else moved, and enlarged until its text can be read. */
export function reveal(camera: Camera, box: Box, view: View): Camera {
  const at = toView(camera, box);
  const [w, h] = [(box.width * camera.scale) / 2, (box.height * camera.scale) / 2];
  const inside = at.x - w >= 0 && at.y - h >= 0 && at.x + w <= view.width && at.y + h <= view.height;
  return inside ? camera : centre(camera, box, view);
}

export function pan(camera: Camera, dx: number, dy: number): Camera {
  return { ...camera, x: camera.x + dx, y: camera.y + dy };
}

/** Zooms by a factor; the point of the drawing at these pixels stays under them. */
export function zoom(camera: Camera, factor: number, at: Point): Camera {
  const scale = clamp(camera.scale * factor);
  const by = scale / camera.scale;
  return { scale, x: at.x - (at.x - camera.x) * by, y: at.y - (at.y - camera.y) * by };
}

export function toView(camera: Camera, { x, y }: Point): Point {
  return { x: x * camera.scale + camera.x, y: y * camera.scale + camera.y };
}

export function toDrawing(camera: Camera, { x, y }: Point): Point {
  return { x: (x - camera.x) / camera.scale, y: (y - camera.y) / camera.scale };
}

function clamp(scale: number): number {
  return Math.min(MOST, Math.max(LEAST, scale));
}
