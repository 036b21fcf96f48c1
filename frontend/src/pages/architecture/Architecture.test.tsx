import { fireEvent, screen, waitFor, within } from "@testing-library/react";
import { beforeEach, expect, it, vi } from "vitest";
import type { ArchitectureDetail, Measurement, WhatIfRequest } from "../../api/types";
import { CHAIN } from "../../testing/chain";
import { type FakeRequest, pageOf, renderPage, server } from "../../testing/fakeServer";
import { LogBuilder } from "../../testing/logBuilder";
import { REQUEST_LIMITS } from "../../testing/requestLimits";
import { Component as Architecture } from "./Architecture";

vi.mock("../../api/client", async (original) => ({
  ...(await original<typeof import("../../api/client")>()),
  api: (await import("../../testing/fakeServer")).server.api,
}));

const cost = (edges: number) => ({
  params: 20_000 * edges,
  params_no_bn: 20_000 * edges,
  macs: 100_000 * edges,
  peak_memory: { io: 1_024, live: 10_240 * edges, optimal: 5_120 * edges, exact: true },
  latency: null,
});

const nodes = ["input", "relu", "tanh"].map((op, id) => ({ id, op, rank: id }));
const edges = ["0-1", "0-2", "1-2"].map((id) => {
  const [source = 0, target = 0] = id.split("-").map(Number);
  return { id, source, target };
});

const cell: ArchitectureDetail = {
  id: "a1",
  name: "Small words",
  kind: "found",
  source: "",
  strategy: "autoshrink",
  dataset: "novel",
  nodes: 3,
  edges: 3,
  cost: cost(3),
  bytes_per_element: 4,
  metric: "perplexity",
  val_accuracy: null,
  val_perplexity: 212.44,
  published_accuracy: null,
  published_perplexity: null,
  created_at: "2026-11-24T10:00:00Z",
  search: null,
  graph: { nodes, edges },
  trained: 0,
  best_trained: null,
  notes: "",
  hash: "h",
  alike: 0,
  owner: null,
  tags: [],
  archived: false,
  macro: { kind: "text", vocabulary: 2_000, hidden: 32 },
  per_node: [
    { node: null, name: "embedding", params: 64_000, macs: 0, peak: 128 },
    { node: 1, name: "node 1", params: 2_048, macs: 2_048, peak: 512 },
    { node: null, name: "decoder", params: 2_000, macs: 64_000, peak: 8_128 },
  ],
  lineage: null,
  models: [],
  parent: null,
  budget: null,
  space: null,
  measurement: null,
};

const field = { min: null, max: null, choices: null, help: "", unit: null, published: null };

/** Prices each edit by the edges that it adds or removes: one, or two for a node. */
function whatIf({ body }: FakeRequest) {
  const { graph, edits, each } = body as WhatIfRequest;
  const worth = { add_edge: 1, remove_edge: -1, remove_node: -2, set_op: 0 };
  if (!each) {
    const gone = new Set(edits.filter((e) => e.kind === "remove_edge").map((e) => e.edge));
    const left = graph.edges.filter((edge) => !gone.has(edge.id ?? ""));
    const over = left.length > 2 ? [{ limit: "params", value: 1, allowed: 1 }] : [];
    return {
      cost: cost(left.length),
      graph: { nodes: graph.nodes, edges: left },
      over,
      fits: over.length === 0,
    };
  }
  const costs = edits.map(({ kind }, edit) => ({
    edit,
    cost: cost(graph.edges.length + worth[kind]),
    why_not: null,
    over: [],
    nodes: [],
    edges: [],
  }));
  return { costs };
}

beforeEach(() => {
  server.reset();
  vi.spyOn(HTMLElement.prototype, "clientWidth", "get").mockReturnValue(600);
  vi.spyOn(HTMLElement.prototype, "clientHeight", "get").mockReturnValue(300);
  server.answers = {
    "GET /api/me": { may_change: true },
    "GET /api/architectures/{id}": cell,
    "GET /api/architectures/{id}/measurements": [],
    "GET /api/devices": [{ id: "d1", name: "Bench board", seen_at: null }],
    "GET /api/datasets": pageOf([
      { name: "digits", kind: "image", title: "Digits" },
      { name: "novel", kind: "text", title: "A novel" },
    ]),
    "GET /api/engine": {
      limits: REQUEST_LIMITS,
      strategies: [],
      presets: [],
      exports: [],
      device_profiles: [
        {
          name: "watch",
          title: "A watch",
          about: "",
          source: "",
          budget: { params: 45_000, bytes_per_element: 1 },
        },
      ],
      recipes: [
        {
          name: "words",
          title: "As published for words",
          about: "Long.",
          source: "the paper",
          kind: "text",
          recipe: { epochs: 100, lr: 20 },
        },
        { name: "photos", title: "Photos", about: "", source: "", kind: "image", recipe: {} },
      ],
      recipe_schemas: {
        image: [],
        text: [
          { ...field, name: "epochs", type: "int", default: 4, label: "Epochs", group: null },
          { ...field, name: "lr", type: "float", default: 1, label: "Learning rate", group: "Steps" },
        ],
      },
    },
    "POST /api/what-if": whatIf,
  };
});

async function opened() {
  const router = renderPage(Architecture, "/architectures/a1", "/architectures/:id");
  await screen.findByRole("heading", { level: 1, name: /Small words/ });
  return router;
}

const expectFocusText = async (text: RegExp) =>
  waitFor(() => expect(screen.getByTestId("pointed").textContent).toMatch(text));

it("reads a language model by its perplexity, its parts and its peaks", async () => {
  await opened();
  expect(screen.getByText("212.4")).toBeTruthy();
  expect(screen.getByText("validation perplexity in the search")).toBeTruthy();
  const parts = within(screen.getByRole("table", { name: "Cost per part of the network" }));
  expect(parts.getAllByRole("rowheader").map((row) => row.textContent)).toEqual([
    "embedding",
    "1 relu",
    "decoder",
    "Network",
  ]);
  const peaks = within(screen.getByRole("region", { name: "Peak memory" }));
  expect(peaks.getByText("1 KiB")).toBeTruthy();
  expect(peaks.getByText("30 KiB")).toBeTruthy();
  expect(peaks.getByText("15 KiB")).toBeTruthy();
  expect(peaks.getByText("exact")).toBeTruthy();
});

it("shows what the network would cost without the focused part", async () => {
  await opened();
  await waitFor(() => expect(server.requests.some(({ body }) => (body as WhatIfRequest)?.each)).toBe(true));
  const drawing = screen.getByRole("application");
  fireEvent.keyDown(drawing, { key: "n" });
  fireEvent.keyDown(drawing, { key: "ArrowRight" });
  await expectFocusText(/^Without node 1 −40\sk parameters, −200\sk MACs, −10\sKiB peak memory/);
});

it("prices no block of a chain, which always stays", async () => {
  const macro = { kind: "chain", input: [3, 32, 32], classes: 10, head_filters: 64, resolution: null };
  server.answers["GET /api/architectures/{id}"] = { ...cell, metric: "accuracy", graph: CHAIN, macro };
  await opened();
  const drawing = await screen.findByRole("application", { name: /^Chain of .* Arrow keys/ });
  fireEvent.keyDown(drawing, { key: "ArrowRight" });
  expect(screen.queryByTestId("pointed")).toBeNull();
});

it("tries changes on the cell against a device, with reset, and saves nothing", async () => {
  await opened();
  fireEvent.click(screen.getByRole("button", { name: "What if…" }));
  const totals = within(screen.getByRole("region", { name: "Cost with these changes" }));
  fireEvent.change(totals.getByRole("combobox", { name: "Limits" }), { target: { value: "watch" } });
  expect(await totals.findByText("Over parameters.")).toBeTruthy();
  const drawing = screen.getByRole("application");
  fireEvent.keyDown(drawing, { key: "n" });
  fireEvent.keyDown(drawing, { key: "n" });
  fireEvent.keyDown(drawing, { key: "Enter" });
  expect(await totals.findByText("Fits all limits.")).toBeTruthy();
  expect(totals.getByText("1 change")).toBeTruthy();
  expect(totals.getByText("40 k")).toBeTruthy();
  fireEvent.click(totals.getByRole("button", { name: "Reset" }));
  expect(await totals.findByText("Unchanged")).toBeTruthy();
  const writes = server.requests.filter(
    ({ what }) => what.startsWith("POST") && what !== "POST /api/what-if",
  );
  expect(writes).toEqual([]);
});

it("trains only on data of its kind, by a recipe that can be picked and changed", async () => {
  server.answers["POST /api/architectures/{id}/train"] = { id: "m1" };
  const router = await opened();
  fireEvent.click(screen.getAllByRole("button", { name: "Train" })[0] as HTMLElement);
  const data = await screen.findByLabelText<HTMLSelectElement>("Dataset");
  expect([...data.options].map((option) => option.text)).toEqual(["A novel"]);
  fireEvent.change(screen.getByLabelText("Recipe"), { target: { value: "words" } });
  expect(screen.getByText("Long. Source: the paper")).toBeTruthy();
  fireEvent.change(screen.getByLabelText("Epochs"), { target: { value: "50" } });
  fireEvent.click(screen.getByRole("button", { name: "Start training" }));
  await waitFor(() => expect(router.state.location.pathname).toBe("/models/m1"));
  const requests = server.requests.find(({ what }) => what.endsWith("/train"));
  expect(requests?.body).toEqual({ dataset: "novel", seed: 0, recipe: { epochs: 50, lr: 20 } });
});

it("trains with no seed beyond the limit that the server names", async () => {
  await opened();
  fireEvent.click(screen.getAllByRole("button", { name: "Train" })[0] as HTMLElement);
  fireEvent.change(await screen.findByLabelText("Seed"), { target: { value: "2147483648" } });
  expect(screen.getByText("Enter a whole number from 0 to 2,147,483,647")).toBeTruthy();
});

it("measures on the chosen device, and polls until it is done", async () => {
  const waiting: Measurement = {
    id: "x1",
    device: { id: "d1", name: "Bench board" },
    status: "queued",
    latency: null,
    error: null,
    created_at: "2026-11-24T10:00:00Z",
    created_by: "Ada",
  };
  const about = { repeats: 50, warmup: 10, device: "Cortex-A53", threads: 1, runtime: "onnxruntime 1.31" };
  const done: Measurement = {
    ...waiting,
    status: "done",
    latency: { median: 1_500, low: 1_400, high: 1_900, ...about },
  };
  const rows: Measurement[][] = [[], [waiting]];
  server.answers["GET /api/architectures/{id}/measurements"] = () => rows.shift() ?? [done];
  server.answers["POST /api/architectures/{id}/measurements"] = waiting;
  await opened();
  const plate = within(screen.getByRole("region", { name: "Latency" }));
  expect(await plate.findByText("Not measured yet.")).toBeTruthy();
  await plate.findByRole("option", { name: "Bench board, not connected yet" });
  fireEvent.change(plate.getByLabelText("Measure on"), { target: { value: "d1" } });
  fireEvent.click(plate.getByRole("button", { name: "Measure latency" }));
  expect(await plate.findByText("waiting for the device")).toBeTruthy();
  expect(await plate.findByText("1.5 ms", {}, { timeout: 4_000 })).toBeTruthy();
  expect(plate.getByText("1.4 ms to 1.9 ms")).toBeTruthy();
  expect(plate.getByText(/Cortex-A53, 1 thread, onnxruntime 1\.31; Ada/)).toBeTruthy();
  const requests = server.requests.find(({ what }) => what === "POST /api/architectures/{id}/measurements");
  expect(requests?.body).toEqual({ device: "d1" });
});

it("is scaled to a device once the preview fits, and says which limit binds", async () => {
  server.answers["POST /api/architectures/{id}/scale/preview"] = {
    macro: { kind: "text", vocabulary: 2_000, hidden: 20 },
    cost: cost(2),
    share: { params: 0.89 },
    limited_by: "params",
    problems: [],
  };
  server.answers["POST /api/architectures/{id}/scale"] = { id: "a2" };
  const router = await opened();
  fireEvent.click(await screen.findByRole("button", { name: "Scale to a device" }));
  const make = await screen.findByRole<HTMLButtonElement>("button", { name: "Create" });
  expect(make.disabled).toBe(true);
  expect(screen.getByLabelText<HTMLSelectElement>("Device").value).toBe("watch");
  expect(screen.getByText(/^Memory is counted with int8 activations/)).toBeTruthy();
  expect(await screen.findByText("89.0% of the limit")).toBeTruthy();
  expect(screen.getByText("limiting")).toBeTruthy();
  fireEvent.click(make);
  await waitFor(() => expect(router.state.location.pathname).toBe("/architectures/a2"));
});

it("refuses limits that even the smallest network exceeds", async () => {
  const problem = {
    limit: "params",
    allowed: 1,
    needed: 9_000,
    detail: "The smallest network needs 9,000 parameters.",
  };
  server.answers["POST /api/architectures/{id}/scale/preview"] = {
    macro: null,
    cost: null,
    share: {},
    limited_by: null,
    problems: [problem],
  };
  await opened();
  fireEvent.click(await screen.findByRole("button", { name: "Scale to a device" }));
  fireEvent.change(await screen.findByLabelText("Device"), { target: { value: "watch" } });
  expect(await screen.findByText("The smallest network needs 9,000 parameters.")).toBeTruthy();
  expect(screen.getByRole<HTMLButtonElement>("button", { name: "Create" }).disabled).toBe(true);
});

it("shows the way to it, from its search's snapshot and history", async () => {
  const log = new LogBuilder().score(0.8).decide("1-2").snapshot();
  const lineage = { search: "s1", search_name: "Porch camera", branch: 0, step: 1 };
  server.answers["GET /api/architectures/{id}"] = { ...cell, lineage };
  server.answers["GET /api/searches/{id}/snapshot"] = { seq: 9, snapshot: log.events.at(-1)?.payload };
  server.answers["GET /api/searches/{id}/events"] = { from_seq: 1, to_seq: 9, events: log.events };
  renderPage(Architecture, "/architectures/a1", "/architectures/:id");
  expect(await screen.findByText("First cell, 6 edges")).toBeTruthy();
  expect(screen.getByText("This cell, score 0.9000")).toBeTruthy();
  expect(screen.getByRole("link", { name: "Open at step 1" })).toBeTruthy();
});
