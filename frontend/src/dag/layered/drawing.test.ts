// What is drawn, as the SVG of an export: the same code draws on the canvas.
import { beforeAll, describe, expect, it } from "vitest";
import { graphOf, randomGraph } from "../../testing/layeredGraphs";
import type { EdgeState, Scene } from "../graph";
import { centre, fitTo, open, reveal, toDrawing, toView, zoom } from "./camera";
import { cellSizes, layersOfCell } from "./cell";
import { type Drawing, paint, paintFocus } from "./drawing";
import { densityFor, fileName, toSvg } from "./export";
import { findNodes } from "./find";
import type { LayeredGraph } from "./graph";
import { Grid, pointOn } from "./grid";
import { layOut } from "./layout";
import { looksOf } from "./looks";
import { walk } from "./navigation";
import { layersOfNetwork } from "./network";
import { SvgPen } from "./pen";

const palette = {
  paper: "paper",
  sheet: "sheet",
  ink: "ink",
  softInk: "softInk",
  paleInk: "paleInk",
  line: "line",
  weak: "weak",
  fair: "fair",
  strong: "strong",
  cut: "cut",
  cutText: "cutText",
  lock: "lock",
  info: "info",
  infoWash: "infoWash",
  focus: "focus",
  font: "system-ui",
};
const network: LayeredGraph = layersOfNetwork({
  nodes: [
    { id: 0, op: "input", name: "input", detail: "", shape: [3, 32, 32], params: 0, macs: 0, cell: null },
    {
      id: 1,
      op: "conv",
      name: "stem",
      detail: "3x3, stride 2, relu",
      shape: [16, 16, 16],
      params: 464,
      macs: 9,
      cell: null,
    },
    {
      id: 2,
      op: "max_pool",
      name: "a<b>",
      detail: "2x2, stride 2",
      shape: [16, 8, 8],
      params: 0,
      macs: 0,
      cell: null,
    },
  ],
  edges: [
    { source: 0, target: 1 },
    { source: 1, target: 2 },
  ],
});

function sceneOf(graph: LayeredGraph, states: Record<string, EdgeState> = {}): Scene {
  return {
    focus: null,
    edges: graph.edges.map(({ id }) => ({
      id,
      state: states[id] ?? "active",
      importance: null,
      tests: 4,
      pending: false,
      label: "",
    })),
    nodes: graph.nodes.map(({ id }) => ({
      id,
      op: "sep3",
      width: null,
      removed: id === 3,
      leaf: false,
      locked: id === 2,
      pending: false,
      label: "",
    })),
  };
}

function drawingOf(graph: LayeredGraph, scene: Scene | null = null): Drawing {
  const layout = layOut(graph, "down");
  return { graph, layout, looks: looksOf(layout, scene), palette };
}

const texts = (svg: string) => [...svg.matchAll(/<text[^>]*>([^<]*)</g)].map(([, text]) => text);
const strokes = (svg: string, colour: string) => svg.split(`stroke="${colour}"`).length - 1;

describe("the drawing of a network", () => {
  const svg = toSvg(drawingOf(network), "Cell & network");

  it("names every operation, with kernel, stride and the size of its output", () => {
    expect(texts(svg)).toEqual(expect.arrayContaining(["conv 3×3 /2 relu", "16×16×16", "max pool 2×2 /2"]));
  });

  it("has the size of the tensor on each edge", () => {
    expect(texts(svg).filter((text) => text === "3×32×32")).toHaveLength(2);
  });

  it("is a file that programs can read", () => {
    const parsed = new DOMParser().parseFromString(svg, "image/svg+xml");
    expect(parsed.querySelector("title")?.textContent).toBe("Cell & network");
    expect(svg).not.toMatch(/NaN|undefined/);
  });

  it("has an arrowhead at the end of every edge", () => {
    const filled = [...svg.matchAll(/<path d="([^"]*)" fill="line"/g)].map(([, d]) => d ?? "");
    expect(filled.join("").split("Z").length - 1).toBe(network.edges.length);
  });
});

describe("the drawing of a search's cell", () => {
  const cell = layersOfCell(
    {
      nodes: ["input", "sep3", "conv1", "sep3"].map((op, id) => ({ id, op, rank: id })),
      edges: [
        [0, 1],
        [0, 2],
        [1, 2],
        [1, 3],
        [2, 3],
      ].map(([source = 0, target = 0]) => ({ id: `${source}-${target}`, source, target })),
    },
    { input: "32×8×8", node: "16×8×8" },
  );
  let svg = "";
  beforeAll(() => {
    const states = { "0-1": "locked", "0-2": "next", "1-2": "infeasible", "1-3": "removed" } as const;
    svg = toSvg(drawingOf(cell, sceneOf(cell, states)), "Cell");
  });

  it("draws each state as the trellis does", () => {
    expect(strokes(svg, "cut")).toBe(1);
    expect(texts(svg)).toContain("0→2 next cut");
    expect(strokes(svg, "lock")).toBeGreaterThan(1);
    expect(svg).toMatch(/stroke="line"[^>]*stroke-dasharray="4 4"/);
    expect(strokes(svg, "fair")).toBe(2);
  });

  it("takes the operation of the step that is shown", () => {
    expect(texts(svg)).toContain("2 sep3");
  });

  it("has the sizes of the first stage", () => {
    const macro = {
      kind: "image" as const,
      input: [3, 33, 33],
      stem_filters: 32,
      stem_stride: 2,
      stages: [{ filters: 16, stride: 2 }],
    };
    expect(cellSizes(macro)).toEqual({ input: "32×9×9", node: "16×9×9" });
    expect(cellSizes({ kind: "text", hidden: 64 })).toEqual({ input: "1×64", node: "1×64" });
  });

  it("highlights a node with its edges, and an edge with its ends", () => {
    const drawing = drawingOf(cell, sceneOf(cell));
    const outlines = (focus: string) => {
      const pen = new SvgPen();
      paintFocus(pen, drawing, { x: 0, y: 0, scale: 1 }, drawing.layout, focus);
      return strokes(pen.document(1, 1, ""), "focus");
    };
    expect(outlines("2")).toBe(1 + 4); // one path of lines, the node, and three neighbours
    expect(outlines("0-2")).toBe(1 + 2);
  });
});

describe("what is left out", () => {
  it("is what is out of view", () => {
    const drawing = drawingOf(randomGraph(60, 120, 1, 5));
    const boxes = (view: { width: number; height: number }) => {
      const pen = new SvgPen();
      for (const _ of paint(pen, drawing, { x: 0, y: 0, scale: 1 }, view));
      return strokes(pen.document(1, 1, ""), "ink");
    };
    expect(boxes(drawing.layout)).toBe(60);
    expect(boxes({ width: drawing.layout.width, height: drawing.layout.height / 3 })).toBeLessThan(40);
  });

  it("is text that is too small to be read", () => {
    const pen = new SvgPen();
    const drawing = drawingOf(network);
    for (const _ of paint(pen, drawing, { x: 0, y: 0, scale: 0.3 }, drawing.layout));
    expect(texts(pen.document(1, 1, ""))).toEqual([]);
  });
});

describe("the hit test", () => {
  const layout = layOut(randomGraph(80, 200, 4, 9), "right");
  const grid = new Grid(layout);

  it("finds every node at its middle", () => {
    const missed = [...layout.boxes.values()].filter((box) => {
      const hit = grid.hit(box, 7);
      return !hit || !("node" in hit) || hit.node !== box.id;
    });
    expect(missed).toEqual([]);
  });

  it("finds a line where nothing else is", () => {
    const missed = layout.pieces.filter((piece) => {
      const hit = grid.hit(pointOn(piece, 0.5), 7);
      return hit === null;
    });
    expect(missed).toEqual([]);
  });

  it("finds nothing far from everything", () => {
    expect(grid.hit({ x: -500, y: -500 }, 7)).toBeNull();
  });
});

describe("the camera", () => {
  const layout = layOut(randomGraph(100, 200, 6, 6), "down");
  const view = { width: 600, height: 400 };

  it("fits the whole drawing into the view", () => {
    const camera = fitTo(layout, view);
    const end = toView(camera, { x: layout.width, y: layout.height });
    expect(camera.x).toBeGreaterThanOrEqual(0);
    expect(end.x).toBeLessThanOrEqual(view.width);
    expect(end.y).toBeLessThanOrEqual(view.height);
  });

  it("opens a large drawing at its start, large enough to be read", () => {
    expect(open(layout, view).scale).toBeGreaterThan(0.5);
  });

  it("keeps what is under the pointer when it zooms", () => {
    const camera = fitTo(layout, view);
    const at = { x: 123, y: 45 };
    const [was, now] = [toDrawing(camera, at), toDrawing(zoom(camera, 3, at), at)];
    expect(now.x).toBeCloseTo(was.x);
    expect(now.y).toBeCloseTo(was.y);
  });

  it("moves only to what is out of view", () => {
    const camera = { x: 0, y: 0, scale: 1 };
    const box = { id: 1, x: 100, y: 100, width: 60, height: 40 };
    expect(reveal(camera, box, view)).toBe(camera);
    expect(reveal(camera, { ...box, x: 5_000 }, view)).toEqual(centre(camera, { x: 5_000, y: 100 }, view));
  });
});

describe("arrow keys", () => {
  const graph = graphOf(4, [
    [0, 1],
    [0, 2],
    [1, 3],
    [2, 3],
  ]);
  const layout = layOut(graph, "down");
  const keys = (start: string | null, ...pressed: string[]) =>
    pressed.reduce<string | null>((at, key) => walk(graph, layout, at, key), start);

  it("begin at the first node and go along the edges", () => {
    expect(keys(null, "ArrowDown")).toBe("0");
    expect(["1", "2"]).toContain(keys("0", "ArrowDown"));
    expect(keys("0", "ArrowDown", "ArrowDown")).toBe("3");
    expect(keys("3", "ArrowUp", "ArrowUp")).toBe("0");
  });

  it("go to the neighbour in the layer, and stay at the border", () => {
    const [left, right] = layout.layers[1] ?? [];
    expect(keys(String(left), "ArrowRight", "ArrowRight")).toBe(String(right));
  });

  it("go from an edge to its ends and to the source's other edges", () => {
    expect(keys("0-1", "ArrowDown")).toBe("1");
    expect(keys("0-1", "ArrowUp")).toBe("0");
    const edge = keys("0", "n");
    expect(edge).toMatch(/^0-/);
    expect(keys(edge, "ArrowRight", "ArrowLeft")).toBe(edge);
    expect(keys(edge, "N")).toBe("0");
  });

  it("follow the direction of the drawing", () => {
    expect(walk(graph, layOut(graph, "right"), "3", "ArrowLeft")).toMatch(/^[12]$/);
  });

  it("leave other keys alone", () => {
    expect(keys("0", "x")).toBeNull();
  });
});

describe("the search by name", () => {
  it("finds operations, kernels and module paths, in the order of running", () => {
    expect(findNodes(network, "conv")).toEqual([1]);
    expect(findNodes(network, "3x3")).toEqual([1]);
    expect(findNodes(network, "STEM")).toEqual([1]);
    expect(findNodes(network, "16")).toEqual([1, 2]);
    expect(findNodes(network, "pool 2×2")).toEqual([2]);
    expect(findNodes(network, " ")).toEqual([]);
    expect(findNodes(network, "dense")).toEqual([]);
  });
});

describe("exports", () => {
  it("are named after the architecture", () => {
    expect(fileName("Größe: cell (2) network", "svg")).toBe("große-cell-2-network.svg");
    expect(fileName("…", "png")).toBe("network.png");
  });

  it("are twice as large as the drawing, unless no canvas can be that large", () => {
    expect(densityFor({ width: 800, height: 600 })).toBe(2);
    expect(densityFor({ width: 40_000, height: 300 })).toBeCloseTo(0.4);
    expect(densityFor({ width: 15_000, height: 15_000 })).toBeLessThan(1);
  });
});
