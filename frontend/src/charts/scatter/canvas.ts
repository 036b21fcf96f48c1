// A chart of many marks, which can be dragged and zoomed. ECharts draws the marks, what lies on them, and what is in focus
// on a canvas each, so that what is in focus changes without drawing the rest again. Which mark is at a place is found
// here, as ECharts knows no single marks where it draws many.
import { followTheme } from "../../dag/layered/palette";
import { type Engine, start } from "./engine";
import { byPlace, markAt } from "./marks";
import {
  axesOption,
  type Box,
  focusOption,
  focusSeries,
  gridOption,
  hiddenAxes,
  isIn,
  isRoomy,
  marksOption,
  scalesOf,
  sizesOption,
  topOption,
  wholeOf,
} from "./option";
import { type Palette, readPalette } from "./palette";
import { type Focus, haveSameMarks, type Mark, NO_FOCUS, type Picture, type Spot } from "./picture";
import { isWhole, kept, moved, type Viewport, zoomed } from "./viewport";

export class ScatterCanvas {
  private readonly marks: Engine;
  private readonly top: Engine;
  private readonly focused: Engine;
  private readonly stopFollowing: () => void;
  private palette: Palette;
  private picture: Picture | null = null;
  private box: Box = { width: 0, height: 0 };
  /** null: all of it */
  private part: Viewport | null = null;
  private roomy = false;
  private focus: Focus = NO_FOCUS;
  private at: Mark | null = null;
  private ordered: { of: Picture; marks: readonly Mark[] } | null = null;
  private frame = 0;

  /** `onPart`: whether only a part is shown. */
  constructor(
    private readonly host: HTMLElement,
    top: HTMLElement,
    focused: HTMLElement,
    private readonly onPart: (isPart: boolean) => void,
  ) {
    this.marks = start(host);
    this.top = start(top);
    this.focused = start(focused);
    this.palette = readPalette(host);
    this.stopFollowing = followTheme(() => {
      this.palette = readPalette(this.host);
      this.draw();
    });
  }

  destroy(): void {
    cancelAnimationFrame(this.frame);
    this.stopFollowing();
    for (const engine of this.engines) engine.dispose();
  }

  update(picture: Picture): void {
    const before = this.picture;
    this.picture = picture;
    if (this.part) {
      this.part = kept(this.part, wholeOf(picture));
      if (isWhole(this.part, wholeOf(picture))) {
        this.part = null;
        this.onPart(false);
      }
    } else if (before && haveSameMarks(before, picture)) {
      this.drawTop(picture);
      return;
    }
    this.draw();
  }

  resize(box: Box): void {
    if (box.width <= 0 || box.height <= 0) return;
    this.box = box;
    for (const engine of this.engines) engine.resize({ width: box.width, height: box.height });
    this.draw();
  }

  /** What stands out; `at`: the mark that was reached by key. */
  highlight(focus: Focus, at: Mark | null): void {
    const { picture, palette } = this;
    this.focus = focus;
    this.at = at;
    if (picture && this.box.width > 0)
      this.focused.setOption({ series: focusSeries(picture, focus, at, palette) });
  }

  pan(dx: number, dy: number): void {
    const { part, picture } = this;
    if (!part || !picture) return;
    const { x, y } = scalesOf(part, this.box);
    this.show(moved(part, wholeOf(picture), -dx / (x.to - x.from), -dy / (y.to - y.from)));
  }

  /** Around a place in pixels, else around the middle. */
  zoom(factor: number, at?: Spot): void {
    const { picture } = this;
    if (!picture) return;
    const { x, y } = scalesOf(this.window(picture), this.box);
    const [right, up] = at
      ? [(at.x - x.from) / (x.to - x.from), (at.y - y.from) / (y.to - y.from)]
      : [0.5, 0.5];
    this.show(zoomed(this.window(picture), wholeOf(picture), factor, clamped(right), clamped(up)));
  }

  showAll(): void {
    if (this.picture) this.show(wholeOf(this.picture));
  }

  /** The mark at a place in pixels. */
  hit(at: Spot, reach: number): Mark | null {
    const { picture } = this;
    return picture && markAt(picture.marks, scalesOf(this.window(picture), this.box), at, reach);
  }

  /** Where a mark is, in pixels. */
  place(mark: Spot): Spot | null {
    const { picture } = this;
    if (!picture || this.box.width === 0) return null;
    const { x, y } = scalesOf(this.window(picture), this.box);
    return { x: x(mark.x), y: y(mark.y) };
  }

  /** The marks in view, from left to right. */
  get inView(): readonly Mark[] {
    const { picture, ordered } = this;
    if (!picture) return [];
    const marks = ordered?.of === picture ? ordered.marks : byPlace(picture.marks);
    this.ordered = { of: picture, marks };
    const { x, y } = this.window(picture);
    return this.part ? marks.filter((mark) => isIn(mark.x, x) && isIn(mark.y, y)) : marks;
  }

  private get engines(): readonly Engine[] {
    return [this.marks, this.top, this.focused];
  }

  private window(picture: Picture): Viewport {
    return this.part ?? wholeOf(picture);
  }

  private show(part: Viewport): void {
    if (!this.picture) return;
    this.part = isWhole(part, wholeOf(this.picture)) ? null : part;
    this.onPart(this.part !== null);
    // Pointers and wheels report more often than there are frames.
    this.frame ||= requestAnimationFrame(() => {
      this.frame = 0;
      this.move();
    });
  }

  private move(): void {
    const { picture, palette } = this;
    if (!picture) return;
    const shown = this.window(picture);
    const roomy = isRoomy(picture.marks, shown);
    const sizes = roomy === this.roomy ? {} : sizesOption(picture, shown);
    this.marks.setOption({ ...gridOption(picture, shown, palette), ...sizes });
    this.top.setOption(axesOption(picture, shown, palette));
    this.focused.setOption(hiddenAxes(shown));
    this.roomy = roomy;
  }

  private draw(): void {
    const { picture, box, palette } = this;
    if (!picture || box.width === 0) return;
    const shown = this.window(picture);
    this.roomy = isRoomy(picture.marks, shown);
    this.marks.setOption(marksOption(picture, shown, palette), REPLACING);
    this.focused.setOption(focusOption(picture, shown, palette, this.focus, this.at), REPLACING);
    this.drawTop(picture);
  }

  private drawTop(picture: Picture): void {
    const { box, palette } = this;
    if (box.width > 0) this.top.setOption(topOption(picture, this.window(picture), box, palette), REPLACING);
  }
}

/** Series of marks that are gone must go too. */
const REPLACING = { replaceMerge: ["series"], lazyUpdate: true };

const clamped = (share: number) => Math.min(1, Math.max(0, share));
