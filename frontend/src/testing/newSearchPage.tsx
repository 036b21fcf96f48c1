// For tests: the form of a new search, over the fake server.
import { fireEvent, screen, waitFor, within } from "@testing-library/react";
import { beforeEach, expect } from "vitest";
import type { Preview, SearchRequest } from "../api/types";
import { Component as NewSearch } from "../pages/new/NewSearch";
import { cost, noEstimate } from "./estimate";
import { type FakeRequest, pageOf, renderPage, server } from "./fakeServer";
import { REQUEST_LIMITS } from "./requestLimits";

const node = (id: number) => ({ id, op: "sep3", rank: id });

export function preview({ body }: FakeRequest): Preview {
  const { settings } = body as SearchRequest;
  const size = Number(settings.space?.nodes) / 8;
  return {
    largest: cost(151_200 * size, 27_320_000 * size, 147_456),
    smallest: cost(7_700, 2_460_000, 65_536),
    graph: { nodes: [node(0), node(1)], edges: [{ id: "0-1", source: 0, target: 1 }] },
    fits: true,
    problems: [],
    evaluations: 235,
    estimate: noEstimate,
    same: [],
  };
}

const field = { type: "int", max: null, min: 1, choices: null, help: "", unit: null, group: null };
const candidates = { ...field, name: "candidates", default: 8, label: "Candidates" };

const autoshrink = {
  name: "autoshrink",
  title: "AutoShrink",
  about: "Cuts.",
  spaces: ["cnn", "rnn"],
  usual: { space: null, evaluator: null },
  schema: [
    {
      ...field,
      name: "protocol",
      type: "choice",
      default: "studio",
      choices: ["studio", "published"],
      label: "Protocol",
    },
    candidates,
    { ...field, name: "patience", default: 4, label: "Patience" },
    { ...field, name: "keep_edges", default: 1, max: 119, label: "Stop at this many edges" },
    { ...field, name: "keep_parent", type: "bool", default: false, min: null, label: "Keep the parent" },
  ],
  protocols: [
    {
      name: "studio",
      title: "Espalier (recommended)",
      about: "Respects limits.",
      fixed: false,
      evaluator: null,
      settings: { rnn: { strategy: { candidates: 4 } } },
      within_limits: { strategy: { keep_parent: true } },
    },
    {
      name: "published",
      title: "As in the paper's code",
      about: "Without limits.",
      fixed: true,
      evaluator: "train",
      settings: {
        cnn: {
          strategy: { patience: 0 },
          evaluator: { epochs: 20 },
          answer: { finalists: 0, answer_epochs: 0 },
        },
      },
      within_limits: {},
    },
  ],
};
const random = {
  name: "random",
  title: "Random search",
  about: "Draws.",
  spaces: ["cnn"],
  usual: { space: null, evaluator: null },
  schema: [{ ...candidates, default: 16 }],
  protocols: [],
};
const nodes = { ...field, name: "nodes", default: 8, min: 2, max: 16, label: "Nodes" };
const epochs = { ...field, name: "epochs", default: 3, label: "Epochs" };
const images = { ...field, name: "images", default: 0, min: 0, max: 10_000_000, label: "Images" };

export function answers() {
  return {
    "GET /api/datasets": pageOf([
      {
        name: "digits",
        kind: "image",
        shape: [1, 8, 8],
        classes: 10,
        vocabulary: null,
        split: "",
        title: "Handwritten digits",
        about: "",
        counts: { train: 1259, validation: 269, test: 269 },
      },
    ]),
    "GET /api/engine": {
      limits: REQUEST_LIMITS,
      strategies: [autoshrink, random],
      spaces: [
        { name: "cnn", title: "Convolutional cell", about: "", kind: "image", schema: [nodes] },
        {
          name: "rnn",
          title: "Recurrent cell",
          about: "",
          kind: "text",
          schema: [{ ...field, name: "hidden", default: 200, min: 8, max: 2048, label: "Hidden size" }],
        },
      ],
      evaluators: [
        {
          name: "train",
          title: "Short training",
          about: "",
          schemas: { image: [epochs, images], text: [{ ...epochs, default: 5 }] },
          defaults: {},
        },
        {
          name: "inherit",
          title: "Inherited weights",
          about: "",
          schemas: { image: [epochs] },
          defaults: {},
        },
      ],
      objective: [
        { ...field, name: "cost_weight", type: "float", default: 0.1, min: 0, label: "Cost weight" },
      ],
      answer: [
        { ...field, name: "finalists", default: 3, min: 0, max: 10, label: "Finalists" },
        { ...field, name: "answer_epochs", default: 0, min: 0, label: "Epochs of finalists" },
      ],
      within_limits: { objective: { cost_weight: 0 } },
      presets: [],
      exports: [],
      recipe_schemas: { image: [], text: [] },
      device_profiles: [
        {
          name: "watch",
          title: "A watch",
          about: "Small.",
          source: "its data sheet",
          budget: { params: 50_000, peak_memory: 81_920, latency: 4_000, bytes_per_element: 1 },
        },
      ],
    },
    "GET /api/templates": [],
    "GET /api/drafts": [],
    "GET /api/searches": pageOf([]),
    "GET /api/devices": [{ id: "d1", name: "Bench board", seen_at: null, about: {} }],
    "POST /api/searches/preview": preview,
    "POST /api/searches": { id: "s1" },
  };
}

beforeEach(() => {
  sessionStorage.clear();
  server.reset();
  server.answers = answers();
});

export const limit = (name: string) =>
  screen.getByRole<HTMLInputElement>("textbox", { name: new RegExp(`^${name}`) });
export const launch = () => screen.getByRole<HTMLButtonElement>("button", { name: /^Launch / });
export const type = (input: HTMLElement, value: string) => fireEvent.change(input, { target: { value } });

export const render = (address: string) => renderPage(NewSearch, address);

export async function openedAt(address: string) {
  const router = render(address);
  await waitFor(() => expect(launch().disabled).toBe(false));
  return router;
}
/** Goes to this address, and has drawn what is there when it returns. */
export const go = (router: ReturnType<typeof render>, to: string) => router.navigate(to, { flushSync: true });
export const opened = () => openedAt("/searches/new");

export const choose = (name: RegExp) => fireEvent.click(screen.getByRole("radio", { name }));
export const factor = (name: string) => within(screen.getByRole("group", { name }));
export const setting = (group: string, name: string) =>
  factor(group).getByRole<HTMLInputElement>("textbox", { name });
export const command = () =>
  screen.getByRole("complementary", { name: "Review" }).querySelector("pre")?.textContent;
export const estimate = (over: object) => ({
  ...noEstimate,
  why: "From 40 trainings of searches like this one, on the workers that run now.",
  workers: [{ device: "CPU", alive: 2, busy: 1 }],
  trainings: { low: 120, middle: 170, high: 235 },
  ...over,
});
export const previewed = (over: object) => (request: FakeRequest) => ({ ...preview(request), ...over });
export const sent = (what: string) => server.requests.filter((request) => request.what === what);
