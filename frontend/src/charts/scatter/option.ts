// Options for ECharts: functions from a picture, and from what is shown of it, to the options.
import type { EChartsCoreOption } from "echarts/core";
import { formatFixed } from "../../format/numbers";
import { decimals, type Scale, ticks } from "../axis";
import type { Palette } from "./palette";
import { type AxisOf, type Focus, type Look, type Mark, orderOf, type Picture, type Spot } from "./picture";
import type { Span, Viewport } from "./viewport";

export type Option = EChartsCoreOption & { series?: object[] };

export interface Box {
  readonly width: number;
  readonly height: number;
}

/** As in SVG. */
export const EDGES = { left: 42, right: 10, top: 14, bottom: 20 } as const;
const TEXT = { tick: 10.5, label: 11.5, value: 12 };
const GRID = { ...EDGES, outerBoundsMode: "none" } as const;

/** Diameters. Below 4 px ECharts draws squares, many times as fast. Where few are in view they have room. */
const SIZES = { many: 3.9, few: 7.2 };
const RIM = 1.1; // of a square, around its colour, as light ones would be lost on the paper
const DEAD = 0.7; // of the size of members that are alive
const FEW = 600; // in view
const LIMIT_WIDTH = 64; // of the limit in words, with the room of a mark
const TITLE_WIDTH = 40; // of the horizontal axis

const flat = (spots: readonly Spot[]) => Float64Array.from(spots.flatMap(pair));

const STILL = { animation: false, silent: true, emphasis: { disabled: true }, clip: true } as const;

const MANY = { ...STILL, type: "scatter", large: true, largeThreshold: 0, progressive: 0 } as const;

export const wholeOf = ({ x, y }: Picture): Viewport => ({ x: spanOf(x), y: spanOf(y) });

/** From values to pixels and back. */
export function scalesOf({ x, y }: Viewport, { width, height }: Box): { x: Scale; y: Scale } {
  return {
    x: scale(x, EDGES.left, width - EDGES.right),
    y: scale(y, height - EDGES.bottom, EDGES.top),
  };
}

/** The lower canvas: the marks, on what is allowed and the lines of the grid. */
export function marksOption(picture: Picture, shown: Viewport, palette: Palette): Option {
  return {
    animation: false,
    grid: GRID,
    ...gridOption(picture, shown, palette),
    series: [
      ...allowedSeries(picture, palette),
      ...markSeries(picture, isRoomy(picture.marks, shown), palette),
    ],
  };
}

/** The canvas above it: all that lies on the marks. */
export function topOption(picture: Picture, shown: Viewport, box: Box, palette: Palette): Option {
  return {
    animation: false,
    grid: GRID,
    ...axesOption(picture, shown, palette),
    series: [
      ...limitSeries(picture, shown, box, palette),
      ...frontSeries(picture, palette),
      ...pathSeries(picture, shown, box, palette),
    ],
  };
}

/** The canvas on top: what is in focus alone, as it changes with the pointer. */
export function focusOption(
  picture: Picture,
  shown: Viewport,
  palette: Palette,
  focus: Focus,
  at: Spot | null,
): Option {
  return {
    animation: false,
    grid: GRID,
    ...hiddenAxes(shown),
    series: focusSeries(picture, focus, at, palette),
  };
}

export function hiddenAxes({ x, y }: Viewport): Option {
  const axis = ({ low, high }: Span) => ({ type: "value", show: false, min: low, max: high });
  return { xAxis: axis(x), yAxis: axis(y) };
}

/** What changes on the lower canvas while it is dragged and zoomed. */
export function gridOption(picture: Picture, shown: Viewport, palette: Palette): Option {
  const bare = { name: "", axisLine: { show: false }, axisLabel: { show: false } };
  return {
    xAxis: axisOption(picture.x, shown.x, palette, { ...bare, splitLine: { show: false } }),
    yAxis: axisOption(picture.y, shown.y, palette, {
      ...bare,
      splitLine: { show: true, lineStyle: { color: palette.grid } },
    }),
  };
}

/** The same on the one above. */
export function axesOption(picture: Picture, shown: Viewport, palette: Palette): Option {
  return {
    xAxis: axisOption(picture.x, shown.x, palette, {
      splitLine: { show: false },
      axisTick: { show: true, length: 4, lineStyle: { color: palette.line } },
      nameTextStyle: nameStyle(palette, { align: "right", verticalAlign: "bottom", padding: [0, 2, 5, 0] }),
      nameGap: 0,
    }),
    yAxis: axisOption(picture.y, shown.y, palette, {
      splitLine: { show: false },
      axisLine: { show: false },
      nameTextStyle: nameStyle(palette, { align: "left", padding: [0, 0, 0, 4] }),
      nameGap: 4,
    }),
  };
}

/** Marks in focus on top of all others, and a ring around the one that was reached by key. */
export function focusSeries(
  { marks }: Picture,
  { ids, lines }: Focus,
  at: Spot | null,
  palette: Palette,
): object[] {
  const found = ids.size === 0 ? [] : marks.filter(({ id }) => id !== null && ids.has(id));
  return [
    {
      ...STILL,
      id: "descent",
      type: "line",
      showSymbol: false,
      lineStyle: { color: palette.softInk, width: 1.3 },
      data: lines.flatMap(([from, to]) => [pair(from), pair(to), ["-", "-"]]),
      z: 4,
    },
    {
      ...STILL,
      id: "focus",
      type: "scatter",
      data: found.map((mark) => ({
        value: pair(mark),
        symbol: symbolOf(mark.look),
        itemStyle:
          mark.look === "tested"
            ? { color: palette.cut }
            : { color: colourOf(mark.look, palette), borderColor: palette.ink, borderWidth: 2 },
      })),
      symbolSize: SIZES.few,
      z: 6,
    },
    {
      ...STILL,
      id: "at",
      type: "scatter",
      data: at ? [pair(at)] : [],
      symbol: "circle",
      symbolSize: 14,
      itemStyle: { color: "transparent", borderColor: palette.focus, borderWidth: 2 },
      z: 7,
    },
  ];
}

/** Larger marks where few are in view. */
export function sizesOption(picture: Picture, shown: Viewport): Option {
  const roomy = isRoomy(picture.marks, shown);
  return { series: looksOf(picture.marks).flatMap((look) => sizes(look, roomy)) };
}

/** Whether so few marks are in view that each can be as large as in SVG. */
export function isRoomy(marks: readonly Mark[], { x, y }: Viewport): boolean {
  let count = 0;
  for (const mark of marks)
    if (isIn(mark.x, x) && isIn(mark.y, y)) {
      count += 1;
      if (count > FEW) return false;
    }
  return true;
}

export const isIn = (value: number, { low, high }: Span): boolean => value >= low && value <= high;

function scale({ low, high }: Span, from: number, to: number): Scale {
  const map = (value: number) => from + ((value - low) / (high - low)) * (to - from);
  return Object.assign(map, { from, to, low, high });
}

function spanOf({ range: [low, high] }: AxisOf): Span {
  return { low, high };
}

function axisOption(
  axis: AxisOf,
  { low, high }: Span,
  palette: Palette,
  { axisTick, ...more }: { axisTick?: object; [name: string]: unknown },
) {
  const places = ticks(low, high, axis.count).filter((value) => !axis.whole || Number.isInteger(value));
  const text = axis.text ?? ((value: number) => formatFixed(value, decimals(places)));
  return {
    type: "value",
    min: low,
    max: high,
    name: axis.title,
    nameLocation: "end",
    axisLine: { show: true, onZero: false, lineStyle: { color: palette.line } },
    axisTick: { show: false, ...axisTick, customValues: places },
    axisLabel: {
      customValues: places,
      formatter: text,
      color: palette.softInk,
      fontFamily: palette.font,
      fontSize: TEXT.tick,
      margin: 6,
      hideOverlap: true,
    },
    ...more,
  };
}

function nameStyle({ paper, softInk, font }: Palette, more: object) {
  return { color: softInk, fontFamily: font, fontSize: TEXT.tick, ...halo(paper), ...more };
}

const halo = (paper: string) => ({ textBorderColor: paper, textBorderWidth: 3 });

/** Scores from low to high, then the others; of those that occur. */
function looksOf(marks: readonly Mark[]): Look[] {
  return [...new Set(marks.map(({ look }) => look))].sort((a, b) => orderOf(a) - orderOf(b));
}

/** The ids of the series that draw a look, from the bottom up. */
const layersOf = (look: Look): string[] =>
  hasRim(look) ? [`rim ${look}`, `marks ${look}`] : [`marks ${look}`];
const hasRim = (look: Look) => typeof look === "number";

function markSeries({ marks }: Picture, roomy: boolean, palette: Palette): object[] {
  const places = new Map<Look, number[]>();
  for (const { look, x, y } of marks) {
    const found = places.get(look);
    if (found) found.push(x, y);
    else places.set(look, [x, y]);
  }
  return looksOf(marks).flatMap((look) => {
    const data = Float64Array.from(places.get(look) ?? []);
    const common = { ...MANY, data, z: 2 };
    return sizes(look, roomy).map((size) => ({
      ...common,
      ...size,
      symbol: symbolOf(look),
      itemStyle:
        look === "over"
          ? { color: palette.paper, borderColor: palette.line, borderWidth: 1.1 }
          : { color: size.id.startsWith("rim") ? palette.ring : colourOf(look, palette) },
    }));
  });
}

function sizes(look: Look, roomy: boolean): { id: string; symbolSize: number }[] {
  // A diamond that is hollow needs room for its inside.
  const full = roomy ? SIZES.few : look === "over" ? SIZES.many + 1 : SIZES.many;
  const size = look === "dead" ? full * DEAD : full;
  return layersOf(look).map((id) => ({
    id,
    symbolSize: hasRim(look) && id.startsWith("marks") ? size - RIM : size,
  }));
}

const symbolOf = (look: Look) => (look === "over" ? "diamond" : "circle");

function colourOf(look: Look, palette: Palette): string {
  if (typeof look === "number") return palette.scores[look] ?? palette.alive;
  return { over: palette.paper, alive: palette.alive, dead: palette.line, tested: palette.line }[look];
}

function frontSeries({ front }: Picture, palette: Palette): object[] {
  return [
    {
      ...STILL,
      id: "front",
      type: "scatter",
      data: front.map(pair),
      symbol: "circle",
      symbolSize: 13,
      itemStyle: { color: "transparent", borderColor: palette.ink, borderWidth: 1.1 },
      z: 3,
    },
  ];
}

function pathSeries({ path, dotted, now }: Picture, { x }: Viewport, box: Box, palette: Palette): object[] {
  const line = { ...STILL, type: "line", showSymbol: false, data: path.length > 1 ? path.map(pair) : [] };
  const dot = { color: palette.alive, borderColor: palette.paper, borderWidth: 1.3 };
  const right = now !== null && scale(x, EDGES.left, box.width - EDGES.right)(now.x) > box.width - 40;
  return [
    { ...line, id: "casing", lineStyle: { color: palette.paper, width: 4, join: "round" }, z: 5 },
    { ...line, id: "path", lineStyle: { color: palette.alive, width: 1.9, join: "round" }, z: 5 },
    // ECharts cannot draw none where it draws many.
    ...(dotted && path.length > 0
      ? [{ ...MANY, id: "dots", data: flat(path), symbol: "circle", symbolSize: 5.2, itemStyle: dot, z: 5 }]
      : []),
    {
      ...STILL,
      id: "now",
      type: "scatter",
      data: now ? [pair(now)] : [],
      symbol: "circle",
      symbolSize: 9,
      itemStyle: dot,
      label: {
        show: now !== null && now.text !== "",
        formatter: now?.text ?? "",
        position: right ? ["0%", "-150%"] : "top",
        ...(right && { align: "right" }),
        color: palette.ink,
        fontFamily: palette.font,
        fontSize: TEXT.value,
        fontWeight: 640,
        ...halo(palette.paper),
      },
      z: 8,
    },
  ];
}

/** What is allowed is shaded, up to the limit. */
function allowedSeries({ limit, x, y }: Picture, palette: Palette): object[] {
  const high = y.range[1];
  return [
    {
      ...STILL,
      id: "allowed",
      type: "line",
      showSymbol: false,
      data: limit
        ? [
            [x.range[0], high],
            [limit.x, high],
          ]
        : [],
      lineStyle: { width: 0 },
      areaStyle: { color: palette.allowed, origin: "start", opacity: 1 },
      z: -1,
    },
  ];
}

/** A line, with the limit in words. */
function limitSeries({ limit, y }: Picture, { x }: Viewport, box: Box, palette: Palette): object[] {
  const at = limit?.x ?? 0;
  const [low, high] = y.range;
  const end = box.width - EDGES.right;
  const place = scale(x, EDGES.left, end)(at);
  const roomy = place - EDGES.left > LIMIT_WIDTH;
  // At the foot, but not on the title of the axis, which is at its end.
  const isHigh = place + (roomy ? 0 : LIMIT_WIDTH) > end - TITLE_WIDTH;
  return [
    {
      ...STILL,
      type: "line",
      showSymbol: false,
      id: "limit",
      data: limit
        ? [
            [at, low],
            [at, high],
          ]
        : [],
      lineStyle: { color: palette.ink, width: 1.5 },
      z: 1,
    },
    {
      ...STILL,
      id: "limit in words",
      type: "scatter",
      data: limit ? [[at, isHigh ? high : low]] : [],
      symbol: "circle",
      symbolSize: 0.1,
      label: {
        show: limit !== null,
        formatter: limit?.text ?? "",
        position: [roomy ? -5 : 5, isHigh ? 4 : -16],
        align: roomy ? "right" : "left",
        color: palette.softInk,
        fontFamily: palette.font,
        fontSize: TEXT.label,
        ...halo(palette.paper),
      },
      z: 3,
    },
  ];
}

const pair = ({ x, y }: Spot): [number, number] => [x, y];
