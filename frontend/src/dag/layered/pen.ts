// What the drawing code draws with: a part of the canvas API, which a canvas has and which SvgPen writes as SVG. So the
// page and both exports come from the same code.
import { roundTo } from "../../format/rounding";

export type Pen = Pick<
  CanvasRenderingContext2D,
  | "beginPath"
  | "moveTo"
  | "lineTo"
  | "bezierCurveTo"
  | "closePath"
  | "roundRect"
  | "arc"
  | "stroke"
  | "fill"
  | "fillText"
  | "setLineDash"
  | "strokeStyle"
  | "fillStyle"
  | "lineWidth"
  | "font"
  | "textAlign"
  | "textBaseline"
>;

/** Collects elements of an SVG. Arcs are full circles, and fonts are "12px family" or "600 12px family". */
export class SvgPen implements Pen {
  strokeStyle = "#000";
  fillStyle = "#000";
  lineWidth = 1;
  font = "";
  textAlign: CanvasTextAlign = "start";
  textBaseline: CanvasTextBaseline = "alphabetic";
  private path: string[] = [];
  private dash: readonly number[] = [];
  private readonly elements: string[] = [];

  beginPath(): void {
    this.path = [];
  }
  moveTo(x: number, y: number): void {
    this.path.push(`M${n(x)} ${n(y)}`);
  }
  lineTo(x: number, y: number): void {
    this.path.push(`L${n(x)} ${n(y)}`);
  }
  bezierCurveTo(ax: number, ay: number, bx: number, by: number, x: number, y: number): void {
    this.path.push(`C${n(ax)} ${n(ay)} ${n(bx)} ${n(by)} ${n(x)} ${n(y)}`);
  }
  closePath(): void {
    this.path.push("Z");
  }
  roundRect(x: number, y: number, width: number, height: number, radii: number): void {
    const arc = (dx: number, dy: number) => `a${n(radii)} ${n(radii)} 0 0 1 ${n(dx)} ${n(dy)}`;
    const [w, h] = [width - 2 * radii, height - 2 * radii];
    this.path.push(
      `M${n(x + radii)} ${n(y)}h${n(w)}${arc(radii, radii)}v${n(h)}${arc(-radii, radii)}h${n(-w)}` +
        `${arc(-radii, -radii)}v${n(-h)}${arc(radii, -radii)}Z`,
    );
  }
  arc(x: number, y: number, radius: number): void {
    const half = (to: number) => `a${n(radius)} ${n(radius)} 0 0 1 ${n(to)} 0`;
    this.path.push(`M${n(x - radius)} ${n(y)}${half(2 * radius)}${half(-2 * radius)}Z`);
  }
  stroke(): void {
    if (this.path.length === 0) return;
    const dash = this.dash.length > 0 ? ` stroke-dasharray="${this.dash.map(n).join(" ")}"` : "";
    this.elements.push(
      `<path d="${this.path.join("")}" fill="none" stroke="${escaped(this.strokeStyle)}" stroke-width="${n(this.lineWidth)}"${dash}/>`,
    );
  }
  fill(): void {
    if (this.path.length === 0) return;
    this.elements.push(`<path d="${this.path.join("")}" fill="${escaped(this.fillStyle)}"/>`);
  }
  fillText(text: string, x: number, y: number): void {
    const [, weight, size = "12", family = ""] = /^(?:(\d+) )?([\d.]+)px (.*)$/.exec(this.font) ?? [];
    const anchor = this.textAlign === "center" ? ' text-anchor="middle"' : "";
    const bold = weight ? ` font-weight="${weight}"` : "";
    // Not every program that reads SVG knows dominant-baseline.
    const base = this.textBaseline === "middle" ? y + Number(size) * 0.35 : y;
    this.elements.push(
      `<text x="${n(x)}" y="${n(base)}" font-size="${n(Number(size))}" font-family="${escaped(family)}"${bold}${anchor} fill="${escaped(this.fillStyle)}">${escaped(text)}</text>`,
    );
  }
  setLineDash(segments: Iterable<number>): void {
    this.dash = [...segments];
  }

  /** The whole drawing as a file. */
  document(width: number, height: number, title: string): string {
    const [w, h] = [n(width), n(height)];
    return (
      `<svg xmlns="http://www.w3.org/2000/svg" width="${w}" height="${h}" viewBox="0 0 ${w} ${h}" role="img">` +
      `<title>${escaped(title)}</title>${this.elements.join("")}</svg>\n`
    );
  }
}

const n = (value: number): number => roundTo(value, 1);

function escaped(text: string): string {
  return text.replace(/[&<>"]/g, (letter) => `&#${letter.charCodeAt(0)};`);
}
