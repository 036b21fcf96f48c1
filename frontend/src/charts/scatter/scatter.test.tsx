// Charts of many marks: which renderer draws, the options for ECharts, and what is at a spot.
import { cleanup, render, screen } from "@testing-library/react";
import { afterEach, describe, expect, it, vi } from "vitest";
import { colouredByScore, type MeasuredPoint, QualityMacs, qualityPicture } from "../QualityMacs";
import { scorePicture } from "../ScoreHistory";
import { byPlace, markAt } from "./marks";
import { axesOption, focusSeries, marksOption, scalesOf, sizesOption, topOption, wholeOf } from "./option";
import type { Palette } from "./palette";
import { isMany, type Picture } from "./picture";
import { isWhole, kept, moved, zoomed } from "./viewport";

// Neither canvas nor its engine work without a browser; tests/e2e/test_many_candidates.py looks at them in one.
vi.mock("./Scatter", () => ({ Scatter: () => <p>on a canvas</p> }));

const BOX = { width: 452, height: 134 };
const PALETTE = {
  ...{ paper: "paper", ink: "ink", softInk: "soft", paleInk: "pale", line: "line", grid: "grid" },
  ...{ alive: "alive", allowed: "allowed", cut: "cut", ring: "ring", focus: "focus", font: "sans" },
  scores: Array.from({ length: 10 }, (_, step) => `score-${step}`),
} satisfies Palette;

const point = (n: number, about: Partial<MeasuredPoint> = {}): MeasuredPoint => ({
  key: `0 ${n}`,
  edge: `0-${n % 7}`,
  macs: 1_000 + n,
  quality: 0.5 + (n % 100) / 250,
  score: (n % 100) / 100,
  fits: true,
  ...about,
});
const measured = (points: readonly MeasuredPoint[]) => ({
  metric: "accuracy" as const,
  points: colouredByScore(points),
  path: [
    { macs: 1_500, quality: 0.6 },
    { macs: 1_200, quality: 0.7 },
  ],
  limit: 1_400,
  dense: 2_000,
});
const many = Array.from({ length: 10_000 }, (_, n) => point(n, { fits: n % 2 === 0 }));
const picture = qualityPicture(measured(many));
const whole = wholeOf(picture);

interface Series {
  id: string;
  data: ArrayLike<number>;
  symbol: string;
  symbolSize: number;
  large?: boolean;
  itemStyle: Record<string, unknown>;
  label?: { formatter: string };
}
const seriesOf = (option: { series?: object[] }) =>
  new Map((option.series as Series[]).map((series) => [series.id, series]));
/** All series of both canvases. */
const drawnOf = (of: Picture) =>
  new Map([...seriesOf(marksOption(of, whole, PALETTE)), ...seriesOf(topOption(of, whole, BOX, PALETTE))]);
const drawn = drawnOf(picture);

afterEach(cleanup);

describe("the renderer", () => {
  const chart = (count: number) =>
    render(
      <QualityMacs
        {...measured(many.slice(0, count))}
        focus={null}
        tipOf={(mark) => mark}
        onHover={() => undefined}
        onPick={() => undefined}
      />,
    );

  it("is SVG for a thousand marks, and a canvas for more", async () => {
    expect([isMany(many.slice(0, 1_000)), isMany(many.slice(0, 1_001))]).toEqual([false, true]);
    chart(1_000);
    expect(screen.getByRole("group", { name: /^Accuracy against MACs of 1000 candidates/ })).toBeTruthy();
    cleanup();
    chart(1_001);
    expect(await screen.findByText("on a canvas")).toBeTruthy();
  });
});

describe("the options for ECharts", () => {
  it("has each mark once, by its look: scores by colour, over a limit as hollow diamonds", () => {
    const looks = [...drawn].filter(([id]) => id.startsWith("marks "));
    expect(looks.reduce((sum, [, { data }]) => sum + data.length / 2, 0)).toBe(10_000);
    expect(looks.every(([, { large }]) => large)).toBe(true);
    expect(drawn.get("marks over")).toMatchObject({
      symbol: "diamond",
      itemStyle: { color: "paper", borderColor: "line" },
    });
    expect(drawn.get("marks over")?.data).toHaveLength(10_000);
    expect(drawn.get("marks 0")?.itemStyle).toEqual({ color: "score-0" });
    expect(drawn.get("marks 9")?.itemStyle).toEqual({ color: "score-9" });
    // Light colours would be lost on the paper.
    expect(drawn.get("rim 9")?.itemStyle).toEqual({ color: "ring" });
    expect(drawn.get("rim 9")?.symbolSize).toBeGreaterThan(drawn.get("marks 9")?.symbolSize ?? 0);
  });

  it("has rings on the front, the limit in words, and the path of chosen cells", () => {
    expect(drawn.get("front")?.data).toHaveLength(100);
    expect(drawn.get("limit in words")?.label?.formatter).toBe("≤ 1.4\u202fk");
    expect(drawn.get("path")?.data).toEqual([
      [1_500, 0.6],
      [1_200, 0.7],
    ]);
    expect(drawn.get("now")?.data).toEqual([[1_200, 0.7]]);
  });

  it("has the limit in words at the foot, or at the top where the title of the axis is", () => {
    const place = (limit: number) => {
      const limited = qualityPicture({ ...measured(many), limit });
      const shown = topOption(limited, wholeOf(limited), BOX, PALETTE);
      return [limited.y.range, seriesOf(shown).get("limit in words")?.data];
    };
    expect(place(1_400)).toEqual([[0.4, 1], [[1_400, 0.4]]]);
    expect(place(15_000)).toEqual([[0.4, 1], [[15_000, 1]]]);
  });

  it("has no limit where there is none, and no series of many that is empty, which ECharts cannot draw", () => {
    const free = qualityPicture({ ...measured(many), limit: null, path: [] });
    const series = drawnOf(free);
    expect([series.get("limit")?.data, series.get("allowed")?.data, series.get("path")?.data]).toEqual([
      [],
      [],
      [],
    ]);
    expect([...series.values()].filter(({ large, data }) => large && data.length === 0)).toEqual([]);
  });

  it("has titles and units by the formatters of the page, at round places of what is shown", () => {
    const part = { x: { low: 3_000, high: 5_000 }, y: { low: 0.6, high: 0.7 } };
    const { xAxis, yAxis } = axesOption(picture, part, PALETTE) as Record<
      "xAxis" | "yAxis",
      {
        name: string;
        min: number;
        max: number;
        axisLabel: { customValues: number[]; formatter: (v: number) => string };
      }
    >;
    expect([xAxis.name, yAxis.name, xAxis.min, xAxis.max]).toEqual(["MACs", "accuracy", 3_000, 5_000]);
    expect(xAxis.axisLabel.customValues).toEqual([3_000, 3_500, 4_000, 4_500, 5_000]);
    expect(xAxis.axisLabel.formatter(3_500)).toBe("3.5\u202fk");
    expect(yAxis.axisLabel.formatter(0.65)).toMatch(/^65\s?%$/);
  });

  it("has the scores at their steps, with the value of the present one", () => {
    const tested = many.map(({ key, edge }, n) => ({ key, edge, step: n % 50, score: n / 10_000 }));
    const chosen = [0, 1, 2, 3].map((step) => ({ step, edge: null, score: 0.25 * step }));
    const scores = drawnOf(scorePicture({ tested, chosen, at: 2 }));
    expect(scores.get("marks tested")?.data).toHaveLength(20_000);
    expect(scores.get("dots")?.data).toEqual(Float64Array.of(0, 0, 1, 0.25, 2, 0.5));
    expect(scores.get("now")?.label?.formatter).toBe("0.5000");
  });

  it("has what is in focus on top of the others", () => {
    const focus = { ids: new Set(["0-3"]), dims: true, lines: [] };
    const series = new Map(
      (focusSeries(picture, focus, { x: 1_000, y: 0.5 }, PALETTE) as Series[]).map((each) => [each.id, each]),
    );
    expect(series.get("focus")?.data).toHaveLength(1_429);
    expect(series.get("at")?.data).toEqual([[1_000, 0.5]]);
  });

  it("has smaller marks for members that died, below those that are alive", () => {
    const [first, ...others] = picture.marks;
    const marks = [{ ...(first as (typeof picture.marks)[number]), look: "dead" as const }, ...others];
    const series = seriesOf(marksOption({ ...picture, marks }, whole, PALETTE));
    const ids = [...series.keys()];
    expect(ids.indexOf("marks dead")).toBeLessThan(ids.indexOf("rim 0"));
    expect(series.get("marks dead")?.symbolSize).toBeLessThan(series.get("rim 0")?.symbolSize ?? 0);
  });

  it("has larger marks where few are in view", () => {
    const near = { x: { low: 1_000, high: 1_200 }, y: { low: 0.5, high: 0.9 } };
    const [far, close] = [whole, near].map((part) => seriesOf(sizesOption(picture, part)).get("marks over"));
    expect(close?.symbolSize).toBeGreaterThan(far?.symbolSize ?? 0);
  });
});

describe("what is shown", () => {
  it("stays inside the whole when it is moved, and becomes the whole when it is zoomed out", () => {
    const near = zoomed(whole, whole, 4, 0.5, 0.5);
    expect(isWhole(near, whole)).toBe(false);
    const far = moved(near, whole, 100, 100);
    expect([far.x.high, far.y.high]).toEqual([whole.x.high, whole.y.high]);
    expect(far.x.high - far.x.low).toBeCloseTo(near.x.high - near.x.low);
    expect(isWhole(zoomed(far, whole, 1 / 4, 0.2, 0.8), whole)).toBe(true);
  });

  it("keeps the value under the pointer where it is", () => {
    const near = zoomed(whole, whole, 3, 0.25, 0.75);
    const value = whole.x.low + 0.25 * (whole.x.high - whole.x.low);
    expect((value - near.x.low) / (near.x.high - near.x.low)).toBeCloseTo(0.25);
  });

  it("stays where it is when the whole grows, and fits it when it shrinks", () => {
    const near = { x: { low: 2_000, high: 3_000 }, y: { low: 0.5, high: 0.6 } };
    const grown = { x: { low: 0, high: 100_000 }, y: { low: 0, high: 1 } };
    expect(kept(near, grown)).toEqual(near);
    expect(kept(near, { ...grown, x: { low: 0, high: 2_500 } }).x).toEqual({ low: 1_500, high: 2_500 });
  });
});

describe("the mark at a spot", () => {
  const scales = scalesOf(whole, BOX);
  const spot = ({ macs, quality }: MeasuredPoint) => ({ x: scales.x(macs), y: scales.y(quality) });

  it("is the nearest one within reach, and none elsewhere", () => {
    const lonely = point(0, { key: "lonely", macs: 9_000, quality: 0.55 });
    const { marks } = qualityPicture(measured([...many.slice(0, 2_000), lonely]));
    const at = spot(lonely);
    expect(markAt(marks, scales, { x: at.x + 5, y: at.y }, 8)?.key).toBe("lonely");
    expect(markAt(marks, scales, { x: at.x + 9, y: at.y }, 8)).toBeNull();
  });

  it("is none outside the axes, where marks of a part are not drawn", () => {
    const part = { ...whole, x: { low: 5_000, high: 6_000 } };
    const inside = scalesOf(part, BOX);
    expect(markAt(picture.marks, inside, { x: inside.x(4_999) - 30, y: 60 }, 40)).toBeNull();
  });

  it("keys go through marks from left to right", () => {
    const marks = byPlace(qualityPicture(measured([point(2), point(0), point(1)])).marks);
    expect(marks.map(({ key }) => key)).toEqual(["0 0", "0 1", "0 2"]);
  });
});
