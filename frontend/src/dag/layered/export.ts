// The drawing as a file: SVG, with text as text, and PNG at twice the size, if that is not too large for a canvas.
import { type Drawing, paint } from "./drawing";
import { type Pen, SvgPen } from "./pen";

const DENSITY = 2;
/** What browsers allow: pixels of a side, and in all. */
const [MOST_SIDE, MOST_PIXELS] = [16_000, 100_000_000];
const START = { x: 0, y: 0, scale: 1 };

/** "My cell (2)" becomes "my-cell-2.svg". */
export function fileName(name: string, extension: "svg" | "png"): string {
  const words = name
    .toLowerCase()
    .normalize("NFD")
    .replace(/\p{M}/gu, "")
    .split(/[^\p{L}\p{N}]+/u);
  return `${words.filter(Boolean).join("-") || "network"}.${extension}`;
}

export function toSvg(drawing: Drawing, title: string): string {
  const { width, height } = drawing.layout;
  const pen = new SvgPen();
  ground(pen, drawing, width, height);
  for (const _ of paint(pen, drawing, START, drawing.layout));
  return pen.document(width, height, title);
}

/** Pixels of the PNG per pixel of the drawing. */
export function densityFor({ width, height }: { width: number; height: number }): number {
  return Math.min(
    DENSITY,
    MOST_SIDE / Math.max(width, height),
    Math.sqrt(MOST_PIXELS / (Math.max(1, width) * Math.max(1, height))),
  );
}

export async function toPng(drawing: Drawing): Promise<Blob> {
  const { width, height } = drawing.layout;
  const density = densityFor(drawing.layout);
  const canvas = document.createElement("canvas");
  canvas.width = Math.ceil(width * density);
  canvas.height = Math.ceil(height * density);
  const pen = canvas.getContext("2d");
  if (!pen) throw new Error("This browser cannot draw a PNG. Use the SVG.");
  ground(pen, drawing, canvas.width, canvas.height);
  const camera = { ...START, scale: density };
  for (const _ of paint(pen, drawing, camera, { width: canvas.width, height: canvas.height }));
  const blob = await new Promise<Blob | null>((done) => canvas.toBlob(done, "image/png"));
  if (!blob) throw new Error("This network is too large for a PNG. Use the SVG.");
  return blob;
}

function ground(pen: Pen, { palette }: Drawing, width: number, height: number): void {
  pen.fillStyle = palette.paper;
  pen.beginPath();
  pen.moveTo(0, 0);
  pen.lineTo(width, 0);
  pen.lineTo(width, height);
  pen.lineTo(0, height);
  pen.closePath();
  pen.fill();
}

export function save(blob: Blob, name: string): void {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(blob);
  link.download = name;
  link.click();
  // The download has begun when the next task runs.
  setTimeout(() => URL.revokeObjectURL(link.href), 0);
}
