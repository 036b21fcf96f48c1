// The drawing of a chain: each block is visible with its layers, and an edit changes the same elements.
import { cleanup, fireEvent, render, screen } from "@testing-library/react";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { block, CHAIN, sceneOf } from "../../testing/chain";
import { CellDrawing } from "../Drawing";
import type { DagGraph, Scene } from "../graph";
import { CellThumbnail } from "../Thumbnail";
import { nextBlock } from "./ChainDrawing";

beforeEach(() => {
  vi.spyOn(HTMLElement.prototype, "clientWidth", "get").mockReturnValue(700);
  vi.spyOn(HTMLElement.prototype, "clientHeight", "get").mockReturnValue(350);
});

afterEach(() => {
  cleanup();
  vi.restoreAllMocks();
});

const actions = { onHover: vi.fn(), onPick: vi.fn(), onKey: vi.fn(() => false) };
const drawing = (scene: Scene, graph: DagGraph = CHAIN) => (
  <CellDrawing graph={graph} scene={scene} label="Chain" side={8} {...actions} />
);
const shown = (id: number) => document.querySelector<SVGGElement>(`[data-node="${id}"]`);
const layersOf = (id: number) => [...(shown(id)?.querySelectorAll("path") ?? [])];
const withBlock = (id: number, attrs: Record<string, number>) => ({
  ...CHAIN,
  nodes: CHAIN.nodes.map((node) => (node.id === id ? block(id, { ...node.attrs, ...attrs }) : node)),
});

it("shows each block with a slice per layer, its sizes in words, and where the resolution halves", () => {
  render(drawing(sceneOf(CHAIN)));
  expect([1, 2, 3, 4].map((id) => layersOf(id).length)).toEqual([1, 1, 3, 2]);
  expect(shown(3)?.textContent).toBe("3k7 e464 ch ×3");
  expect(screen.getByRole("img", { name: "Block 3, output 4 px" })).toBeTruthy();
  const strides = [...document.querySelectorAll("[data-stride]")].map((each) => each.textContent);
  expect(strides).toEqual(["stride 24 px", "stride 22 px"]);
});

it("changes the elements of a block that an edit swells, and adds its new layers", () => {
  const { rerender } = render(drawing(sceneOf(CHAIN)));
  const [before, first] = [shown(2), layersOf(2)[0]];
  const path = first?.getAttribute("d");
  rerender(drawing(sceneOf(withBlock(2, { filters: 48, layers: 2 }))));
  expect(shown(2)).toBe(before);
  expect(layersOf(2)[0]).toBe(first);
  expect(first?.getAttribute("d")).not.toBe(path);
  expect(layersOf(2)).toHaveLength(2);
  expect(screen.getByRole("application").getAttribute("data-still")).toBe("false");
});

it("appears at once", () => {
  render(drawing(sceneOf(CHAIN)));
  expect(screen.getByRole("application").getAttribute("data-still")).toBe("true");
});

it("marks what a candidate would change, with the block as it would become", () => {
  const is = { op: "k7e4", attrs: { bottleneck: 16, filters: 96, layers: 4, stride: 2 } };
  const change = {
    by: "candidate",
    words: "block 3: 64 to 96 channels",
    others: new Map([[3, is]]),
  } as const;
  render(drawing(sceneOf(CHAIN, { change })));
  expect(screen.getByText("block 3: 64 to 96 channels")).toBeTruthy();
  const marks = [...document.querySelectorAll("[data-mark]")];
  expect(marks.map((mark) => mark.closest("[data-node]")?.getAttribute("data-node"))).toEqual(["3"]);
  expect(marks[0]?.querySelectorAll("path")).toHaveLength(4 + 1); // its layers and the pointer
});

it("marks locks and pending commands, and leaves out what is removed", () => {
  const scene = sceneOf(CHAIN);
  const nodes = scene.nodes.map((node) => ({
    ...node,
    ...{ locked: node.id === 2, pending: node.id === 3, removed: node.id === 4 },
  }));
  render(drawing({ ...scene, nodes }));
  expect(shown(2)?.getAttribute("data-state")).toBe("locked");
  expect(shown(2)?.querySelector('[data-mark="locked"]')).toBeTruthy();
  expect(shown(3)?.querySelector('[data-mark="pending"]')).toBeTruthy();
  expect(shown(4)).toBeNull();
});

it("is walked by arrow keys, from one row to the next", () => {
  render(drawing(sceneOf(CHAIN, { focus: "3" })));
  fireEvent.keyDown(screen.getByRole("application"), { key: "ArrowRight" });
  expect(actions.onPick).toHaveBeenLastCalledWith("4");
  fireEvent.keyDown(screen.getByRole("application"), { key: "l" });
  expect(actions.onKey).toHaveBeenLastCalledWith("l");
  expect(
    ["ArrowLeft", "ArrowDown", "Home", "End", "x"].map((key) => nextBlock([0, 1, 7, 2], 7, key)),
  ).toEqual([1, 2, 0, 2, null]);
  expect(nextBlock([0, 1, 7, 2], null, "ArrowRight")).toBe(0);
  expect(nextBlock([0, 1, 7, 2], 2, "ArrowRight")).toBe(2);
});

it("is the picture of a chain in lists, of the blocks that are present", () => {
  const live = new Set(["0-1", "1-2", "2-3"]);
  render(<CellThumbnail graph={CHAIN} live={live} marked={new Set([3])} />);
  const blocks = screen.getByTestId("thumbnail").querySelectorAll("g");
  expect([...blocks].map((each) => each.querySelectorAll("path").length)).toEqual([1, 1, 1, 3]);
});
