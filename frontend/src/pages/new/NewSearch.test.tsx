import { fireEvent, screen, waitFor, within } from "@testing-library/react";
import { beforeEach, expect, it, vi } from "vitest";
import type { Preview, SearchRequest } from "../../api/types";
import { noEstimate } from "../../testing/estimate";
import { ErrorAnswer, type FakeRequest, pageOf, renderPage, server } from "../../testing/fakeServer";
import { REQUEST_LIMITS } from "../../testing/requestLimits";
import { Component as NewSearch } from "./NewSearch";

vi.mock("../../api/client", async (original) => ({
  ...(await original<typeof import("../../api/client")>()),
  api: (await import("../../testing/fakeServer")).server.api,
}));

const cost = (params: number, macs: number, live: number) => ({
  params,
  params_no_bn: params,
  macs,
  peak_memory: { io: live, live, optimal: null, exact: true },
  latency: null,
});
const node = (id: number) => ({ id, op: "sep3", rank: id });

function preview({ body }: FakeRequest): Preview {
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
  schema: [{ ...candidates, default: 16 }],
  protocols: [],
};
const nodes = { ...field, name: "nodes", default: 8, min: 2, max: 16, label: "Nodes" };
const epochs = { ...field, name: "epochs", default: 3, label: "Epochs" };
const images = { ...field, name: "images", default: 0, min: 0, max: 10_000_000, label: "Images" };

function answers() {
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
        },
        { name: "inherit", title: "Inherited weights", about: "", schemas: { image: [epochs] } },
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

const limit = (name: string) =>
  screen.getByRole<HTMLInputElement>("textbox", { name: new RegExp(`^${name}`) });
const launch = () => screen.getByRole<HTMLButtonElement>("button", { name: /^Launch / });
const type = (input: HTMLElement, value: string) => fireEvent.change(input, { target: { value } });

async function opened() {
  const router = renderPage(NewSearch, "/searches/new");
  await waitFor(() => expect(launch().disabled).toBe(false));
  return router;
}

it("proposes limits that can be met, and launches with them", async () => {
  const router = await opened();
  expect(limit("Peak memory").value).toBe("96 KiB");
  fireEvent.click(launch());
  await waitFor(() => expect(router.state.location.pathname).toBe("/searches/s1"));
  const { body } = server.requests.find(({ what }) => what === "POST /api/searches") ?? {};
  expect(body).toMatchObject({
    name: "Handwritten digits, 8 nodes",
    strategy: "autoshrink",
    dataset: "digits",
    seed: 0,
    space: "cnn",
    evaluator: "train",
    settings: {
      space: { nodes: 8 },
      strategy: { protocol: "studio", candidates: 8, patience: 4, keep_edges: 1, keep_parent: true },
      evaluator: { epochs: 3, images: 0 },
      objective: { cost_weight: 0 },
      answer: { finalists: 3, answer_epochs: 0 },
    },
    budget: { params: 66_000, peak_memory: 98_304, bytes_per_element: 4 },
  });
});

it("refuses an impossible limit before launch, with the number needed and a way out", async () => {
  await opened();
  type(limit("Peak memory"), "48 KiB");
  expect(launch().disabled).toBe(true);
  const verdict = within(document.querySelector("form") as HTMLElement);
  // at the field and at the button
  expect(verdict.getAllByText("The smallest cell needs 64 KiB; the limit is 48 KiB.")).toHaveLength(2);
  expect(limit("Peak memory").getAttribute("aria-invalid")).toBe("true");
  fireEvent.click(verdict.getByRole("button", { name: /^Raise to 64\sKiB$/ }));
  expect(limit("Peak memory").value).toBe("64 KiB");
  expect(launch().disabled).toBe(false);
});

it("keeps text that is not a number, shows an error and does not launch", async () => {
  await opened();
  type(limit("MACs"), "plenty");
  fireEvent.blur(limit("MACs"));
  expect(limit("MACs").value).toBe("plenty");
  expect(limit("MACs").getAttribute("aria-invalid")).toBe("true");
  expect(limit("MACs").getAttribute("aria-describedby")).toContain("limit-macs-error");
  fireEvent.click(launch());
  expect(document.activeElement).toBe(limit("MACs"));
  expect(server.requests.some(({ what }) => what === "POST /api/searches")).toBe(false);
});

it("holds the seed and the limits against those that the server names", async () => {
  await opened();
  type(screen.getByLabelText("Seed"), "2147483647");
  expect(screen.queryByText(/at most/)).toBeNull();
  type(screen.getByLabelText("Seed"), "2147483648");
  expect(screen.getByText("Enter at most 2,147,483,647")).toBeTruthy();
  type(screen.getByLabelText("Seed"), "1");
  type(limit("Parameters"), "1000001 M");
  expect(screen.getByText(/^Enter at most 1,?000/)).toBeTruthy();
  fireEvent.click(launch());
  expect(server.requests.some(({ what }) => what === "POST /api/searches")).toBe(false);
});

it("says in full what a number means", async () => {
  await opened();
  for (const [text, full] of [
    ["67000", "= 67,000 parameters"],
    ["1,500", "= 1,500 parameters"],
    ["1 500", "= 1,500 parameters"],
    ["2M", "= 2,000,000 parameters"],
  ] as const) {
    type(limit("Parameters"), text);
    expect(screen.getByText(full)).toBeTruthy();
  }
  type(setting("Performance estimation", "Images"), "1.2k");
  expect(screen.getByText("= 1,200.")).toBeTruthy();
  type(screen.getByLabelText("Seed"), "1e3");
  expect(screen.getByText("= 1,000.")).toBeTruthy();
});

it("has bounds that follow from the dense cell and the data", async () => {
  await opened();
  type(setting("Settings of the strategy", "Stop at this many edges"), "119");
  await screen.findByText("Enter at most 1. A cell of 2 nodes has 1 edge");
  type(setting("Performance estimation", "Images"), "5");
  await screen.findByText("Enter 0, or at least 10. There are 1,259 training images of 10 classes");
  fireEvent.click(launch());
  expect(server.requests.some(({ what }) => what === "POST /api/searches")).toBe(false);
});

it("makes neither a name nor a command from a field that is wrong", async () => {
  await opened();
  type(setting("Search space", "Nodes"), "-3");
  expect(screen.getByText("Enter at least 2")).toBeTruthy();
  expect(screen.getByLabelText<HTMLInputElement>("Name").value).toBe("Handwritten digits");
  expect(command()).toBeUndefined();
  type(setting("Search space", "Nodes"), "6");
  expect(screen.getByLabelText<HTMLInputElement>("Name").value).toBe("Handwritten digits, 6 nodes");
  expect(command()).toContain("--space.nodes 6");
});

it("offers the precisions that the server accepts, and says what a preset means", async () => {
  await opened();
  const precisions = screen.getByLabelText<HTMLSelectElement>("Precision on the device");
  expect([...precisions.options].map(({ text }) => text)).toEqual([
    "int8, 1 byte",
    "float16, 2 bytes",
    "float32, 4 bytes",
    "float64, 8 bytes",
  ]);
  expect(screen.getByText(/Tight 15%, Medium 40% and Roomy 70%/)).toBeTruthy();
});

it("shows the server's refusal at the field it is about", async () => {
  server.answers["POST /api/searches"] = new ErrorAnswer(400, [
    { code: "invalid", detail: "Fourteen at most today.", attr: "settings.space.nodes" },
  ]);
  await opened();
  fireEvent.click(launch());
  const nodes = await screen.findByRole("textbox", { name: "Nodes" });
  await waitFor(() => expect(nodes.getAttribute("aria-invalid")).toBe("true"));
  expect(document.getElementById("settings-space-nodes-error")?.textContent).toBe("Fourteen at most today.");
});

it("never replaces a newer answer by a late one", async () => {
  let late: (() => void) | null = null;
  server.answers["POST /api/searches/preview"] = (request: FakeRequest) => {
    if ((request.body as SearchRequest).settings.space?.nodes !== 4) return preview(request);
    return new Promise((resolve) => {
      late = () => resolve(preview(request));
    });
  };
  await opened();
  type(screen.getByRole("textbox", { name: "Nodes" }), "4");
  await waitFor(() => expect(late).not.toBeNull());
  type(screen.getByRole("textbox", { name: "Nodes" }), "16");
  const dense = () => screen.getByRole("row", { name: /^Parameters/ }).textContent;
  await waitFor(() => expect(dense()).toContain("302\u202fk"));
  (late as unknown as () => void)();
  await Promise.resolve();
  expect(dense()).toContain("302\u202fk");
});

/** Adds a text dataset. */
function offerText() {
  const [digits] = (server.answers["GET /api/datasets"] as ReturnType<typeof pageOf>).results;
  const text = { kind: "text", shape: null, classes: null, vocabulary: 2_000 };
  const novel = { ...digits, ...text, name: "novel", title: "A novel" };
  server.answers["GET /api/datasets"] = pageOf([digits ?? {}, novel]);
}
const choose = (name: RegExp) => fireEvent.click(screen.getByRole("radio", { name }));
const factor = (name: string) => within(screen.getByRole("group", { name }));
const setting = (group: string, name: string) =>
  factor(group).getByRole<HTMLInputElement>("textbox", { name });
const command = () => screen.getByRole("complementary", { name: "Review" }).querySelector("pre")?.textContent;

it("shows the space and the settings for the kind of the data, and keeps those of the other", async () => {
  offerText();
  await opened();
  type(setting("Search space", "Nodes"), "6");
  choose(/A novel.*2,000 words/);
  expect(screen.queryByRole("textbox", { name: "Nodes" })).toBeNull();
  expect(factor("Search space").getByText("Recurrent cell")).toBeTruthy();
  expect(setting("Search space", "Hidden size").value).toBe("200");
  await waitFor(() => {
    const request = server.requests.findLast(({ what }) => what === "POST /api/searches/preview");
    expect(request?.body).toMatchObject({
      dataset: "novel",
      space: "rnn",
      settings: { space: { hidden: 200 } },
    });
  });
  choose(/Handwritten digits/);
  expect(setting("Search space", "Nodes").value).toBe("6");
});

it("offers an evaluator only for the kinds of data that it takes", async () => {
  offerText();
  await opened();
  choose(/Inherited weights/);
  choose(/A novel/);
  const group = factor("Performance estimation");
  expect(group.queryByRole("radiogroup")).toBeNull();
  expect(group.getByText("Short training")).toBeTruthy();
  expect(setting("Performance estimation", "Epochs").value).toBe("5");
  choose(/Handwritten digits/);
  expect(screen.getByRole<HTMLInputElement>("radio", { name: /Inherited weights/ }).checked).toBe(true);
});

it("offers only strategies that can search the space of the data", async () => {
  offerText();
  await opened();
  choose(/^Random search/);
  expect(factor("Settings of the strategy").queryByText("Protocol")).toBeNull();
  choose(/A novel/);
  expect(screen.queryByRole("radio", { name: /^Random search/ })).toBeNull();
  expect(factor("Search strategy").getByText("AutoShrink")).toBeTruthy();
  await waitFor(() => {
    const request = server.requests.findLast(({ what }) => what === "POST /api/searches/preview");
    expect(request?.body).toMatchObject({ dataset: "novel", strategy: "autoshrink" });
  });
});

it("starts from the defaults of the protocol where it has some for the space", async () => {
  offerText();
  await opened();
  expect(setting("Settings of the strategy", "Candidates").value).toBe("8");
  choose(/A novel/);
  const field = setting("Settings of the strategy", "Candidates");
  expect([field.value, field.disabled]).toEqual(["4", false]);
  expect(command()).not.toContain("candidates");
});

it("keeps the settings of the other factors when the strategy changes", async () => {
  await opened();
  type(setting("Search space", "Nodes"), "6");
  type(setting("Settings of the strategy", "Candidates"), "12");
  type(setting("Performance estimation", "Epochs"), "2");
  type(setting("Objective", "Cost weight"), "0.2");
  choose(/^Random search/);
  expect(setting("Settings of the strategy", "Candidates").value).toBe("16");
  choose(/^AutoShrink/);
  expect(setting("Settings of the strategy", "Candidates").value).toBe("12");
  choose(/^Random search/);
  await waitFor(() => expect(launch().disabled).toBe(false));
  fireEvent.click(launch());
  await waitFor(() => {
    const { body } = server.requests.find(({ what }) => what === "POST /api/searches") ?? {};
    expect(body).toMatchObject({
      strategy: "random",
      settings: {
        space: { nodes: 6 },
        strategy: { candidates: 16 },
        evaluator: { epochs: 2 },
        objective: { cost_weight: 0.2 },
      },
    });
  });
});

it("shows the command with the choices and settings that differ from the defaults", async () => {
  await opened();
  choose(/^Random search/);
  choose(/Inherited weights/);
  type(setting("Performance estimation", "Epochs"), "2");
  type(setting("Objective", "Cost weight"), "0.2");
  const text = command();
  expect(text).toContain("--strategy random");
  expect(text).toContain("--evaluator inherit");
  expect(text).toContain("--evaluator.epochs 2");
  expect(text).toContain("--objective.cost-weight 0.2");
  expect(text).not.toContain("--space");
});

it("names a file of one's own in the command for uploaded data", async () => {
  await opened();
  expect(screen.getByText(/--dataset digits/)).toBeTruthy();
  const [digits] = (server.answers["GET /api/datasets"] as ReturnType<typeof pageOf>).results;
  server.reset();
  server.answers = { ...answers(), "GET /api/datasets": pageOf([{ ...digits, name: "d1", uploaded: true }]) };
  await opened();
  expect(screen.getByText(/--dataset YOUR-FILE/)).toBeTruthy();
});

it("takes the limits of a device, and shows their source", async () => {
  await opened();
  fireEvent.click(screen.getByRole("radio", { name: /A watch/ }));
  expect(limit("Parameters").value).toBe("50 k");
  expect(limit("MACs").value).toBe("");
  expect(limit("Latency").value).toBe("4 ms");
  fireEvent.click(launch());
  await waitFor(() => {
    const { body } = server.requests.find(({ what }) => what === "POST /api/searches") ?? {};
    expect(body).toMatchObject({
      budget: { params: 50_000, macs: null, peak_memory: 81_920, latency: 4_000, bytes_per_element: 1 },
    });
  });
});

it("has custom limits once a device's are changed", async () => {
  await opened();
  fireEvent.click(screen.getByRole("radio", { name: /A watch/ }));
  type(limit("Parameters"), "60k");
  expect(screen.getByRole<HTMLInputElement>("radio", { name: /A watch/ }).checked).toBe(false);
  expect(screen.getByRole<HTMLInputElement>("radio", { name: "Custom" }).checked).toBe(true);
  expect(limit("Latency").value).toBe("4 ms");
});

it("measures latency on the chosen device", async () => {
  await opened();
  const device = screen.getByRole<HTMLSelectElement>("combobox", { name: "Measured on" });
  await screen.findByRole("option", { name: "Bench board, not connected yet" });
  type(limit("Latency"), "2,5");
  type(device, "d1");
  await waitFor(() => expect(launch().disabled).toBe(false));
  expect(screen.getByText(/latency is measured on the machine that runs the search/)).toBeTruthy();
  fireEvent.click(launch());
  await waitFor(() => {
    const { body } = server.requests.find(({ what }) => what === "POST /api/searches") ?? {};
    expect(body).toMatchObject({ budget: { latency: 2_500, device: "d1" } });
  });
});

it("names each limit that cannot be met", async () => {
  const problem = (limit: string, allowed: number, needed: number) => ({
    limit,
    allowed,
    needed,
    detail: "",
  });
  server.answers["POST /api/searches/preview"] = (request: FakeRequest) => {
    const { budget } = request.body as SearchRequest;
    const problems =
      budget.params === 1_000 ? [problem("params", 1_000, 7_700), problem("latency", 10, 900)] : [];
    return { ...preview(request), fits: problems.length === 0, problems };
  };
  await opened();
  type(limit("Parameters"), "1k");
  const verdict = within(document.querySelector("form") as HTMLElement);
  await verdict.findByText("Cannot be met: parameters, latency");
  expect(verdict.getByRole("button", { name: /^Raise to 0\.9\sms$/ })).toBeTruthy();
});

it("shows what a fixed protocol fixes without sending it, and has no limits", async () => {
  await opened();
  choose(/Inherited weights/);
  choose(/^As in the paper's code/);
  const patience = setting("Settings of the strategy", "Patience");
  expect([patience.value, patience.disabled]).toEqual(["0", true]);
  const trained = setting("Performance estimation", "Epochs");
  expect([trained.value, trained.disabled]).toEqual(["20", true]);
  expect(screen.getAllByText(/^Fixed by the published protocol/)).toHaveLength(4);
  const finalists = setting("Answer", "Finalists");
  expect([finalists.value, finalists.disabled]).toEqual(["0", true]);
  expect(factor("Performance estimation").queryByRole("radio")).toBeNull();
  expect(screen.queryByRole("textbox", { name: /^MACs/ })).toBeNull();
  expect(screen.getByText(/The published protocol has no limits/)).toBeTruthy();
  await waitFor(() => expect(launch().disabled).toBe(false));
  fireEvent.click(launch());
  await waitFor(() => {
    const { body } = server.requests.find(({ what }) => what === "POST /api/searches") ?? {};
    const { evaluator, settings, budget } = body as SearchRequest;
    expect(evaluator).toBe("train");
    expect(settings).toEqual({
      space: { nodes: 8 },
      strategy: { protocol: "published", candidates: 8, keep_edges: 1, keep_parent: false },
      evaluator: { images: 0 },
      objective: { cost_weight: 0.1 },
      answer: {},
    });
    expect(budget).toMatchObject({ params: null, macs: null, peak_memory: null, latency: null });
  });
});

const keepsParent = () => screen.getByRole<HTMLInputElement>("checkbox", { name: "Keep the parent" }).checked;
const launchedSettings = async () => {
  await waitFor(() => expect(launch().disabled).toBe(false));
  fireEvent.click(launch());
  const launched = () => server.requests.find(({ what }) => what === "POST /api/searches");
  await waitFor(() => expect(launched()).toBeTruthy());
  const { body } = launched() ?? {};
  return (body as SearchRequest).settings;
};

it("has the defaults of a search within limits while any limit is set", async () => {
  await opened();
  const weight = () => setting("Objective", "Cost weight").value;
  expect([weight(), keepsParent()]).toEqual(["0", true]);
  fireEvent.click(screen.getByRole("radio", { name: "No limits" }));
  expect([weight(), keepsParent()]).toEqual(["0.1", false]);
  expect(command()).not.toMatch(/cost-weight|keep-parent/);
  type(limit("Latency"), "2");
  expect([weight(), keepsParent()]).toEqual(["0", true]);
  expect(command()).not.toMatch(/cost-weight|keep-parent/);
  expect(await launchedSettings()).toMatchObject({
    strategy: { keep_parent: true },
    objective: { cost_weight: 0 },
  });
});

it("has the engine's defaults within limits for a strategy without protocols", async () => {
  await opened();
  choose(/^Random search/);
  expect(setting("Objective", "Cost weight").value).toBe("0");
});

it("keeps a changed setting whether limits are set or not", async () => {
  await opened();
  type(setting("Objective", "Cost weight"), "0.1");
  expect(command()).toContain("--objective.cost-weight 0.1");
  fireEvent.click(screen.getByRole("radio", { name: "No limits" }));
  expect(setting("Objective", "Cost weight").value).toBe("0.1");
  expect(command()).not.toContain("cost-weight");
  fireEvent.click(screen.getByRole("radio", { name: "Medium" }));
  expect(setting("Objective", "Cost weight").value).toBe("0.1");
  expect(await launchedSettings()).toMatchObject({ objective: { cost_weight: 0.1 } });
});

it("offers how the answer is measured", async () => {
  await opened();
  expect(setting("Answer", "Epochs of finalists").value).toBe("0");
  type(setting("Answer", "Finalists"), "2");
  expect(command()).toContain("--answer.finalists 2");
  expect(await launchedSettings()).toMatchObject({ answer: { finalists: 2, answer_epochs: 0 } });
});

it("removes all limits at once", async () => {
  await opened();
  fireEvent.click(screen.getByRole("radio", { name: "No limits" }));
  expect(limit("Parameters").value).toBe("");
  expect(screen.getByText("The search keeps the cell with the best score.")).toBeTruthy();
});

it("is not launched by a read-only user", async () => {
  server.answers["GET /api/me"] = { may_change: false };
  renderPage(NewSearch, "/searches/new");
  const launch = await screen.findByRole<HTMLButtonElement>("button", { name: "Launch search" });
  await waitFor(() => expect(launch.title).toBe("You have view-only access."));
  expect(launch.disabled).toBe(true);
});

const estimate = (over: object) => ({
  ...noEstimate,
  why: "From 40 trainings of searches like this one, on the workers that run now.",
  workers: [{ device: "CPU", alive: 2, busy: 1 }],
  trainings: { low: 120, middle: 170, high: 235 },
  ...over,
});
const previewed = (over: object) => (request: FakeRequest) => ({ ...preview(request), ...over });
const sent = (what: string) => server.requests.filter((request) => request.what === what);

it("folds what most searches leave as it is, counts what was changed, and unfolds what is wrong", async () => {
  await opened();
  const advanced = () => screen.getByText(/^Advanced/).closest("details") as HTMLDetailsElement;
  const summary = () => advanced().querySelector("summary")?.textContent;
  expect([advanced().open, summary()]).toEqual([false, "Advanced (11 settings)"]);
  expect(advanced().contains(setting("Search space", "Nodes"))).toBe(false);
  type(setting("Settings of the strategy", "Patience"), "2");
  choose(/Inherited weights/);
  expect(summary()).toBe("Advanced (10 settings, 2 changed)");
  type(setting("Settings of the strategy", "Patience"), "-2");
  expect(advanced().open).toBe(true);
});

it("says how long it takes, as an estimate, and what that is based on", async () => {
  const seconds = { low: 118, middle: 251, high: 540 };
  server.answers["POST /api/searches/preview"] = previewed({
    estimate: estimate({ seconds, basis: "measured", items: 40, sharing: 1 }),
  });
  await opened();
  expect(screen.getAllByText("about 4 min, 2 to 9 min")).toHaveLength(2);
  expect(screen.getByText(/^From 40 trainings .+ Counted: 120 to 235 trainings\.$/)).toBeTruthy();
  expect(screen.getByText("2 CPU workers (1 at work)")).toBeTruthy();
  expect(screen.getByText(/^1 other search uses them now/)).toBeTruthy();
  expect(screen.queryByRole("button", { name: "Measure on a worker" })).toBeNull();
});

it("says how long one search takes and how long all of a group", async () => {
  const seconds = { low: 118, middle: 251, high: 540 };
  server.answers["POST /api/searches/preview"] = previewed({ estimate: estimate({ seconds }) });
  await opened();
  expect(screen.queryByText(/^For all/)).toBeNull();
  type(screen.getByLabelText("Repeats"), "3");
  expect(screen.getByText(/^Estimate for one search/).textContent).toMatch(/: about 4.min, 2 to 9.min$/);
  expect(screen.getByText(/^For all/).textContent).toMatch(/^For all 3: at most 27.min$/);
  expect(screen.getByText("Time of all 3").nextSibling?.textContent).toMatch(/^at most 27.min/);
});

it("has no time without a basis: it says why, and measures on a worker when asked", async () => {
  let probe: string | null = null;
  server.answers["POST /api/searches/preview"] = (request: FakeRequest) =>
    previewed({
      estimate:
        probe === "done"
          ? estimate({ seconds: { low: 20, middle: 31, high: 44 }, basis: "probe" })
          : estimate({ why: "No training like these was done.", probe }),
    })(request);
  server.answers["POST /api/searches/probe"] = () => {
    probe = "queued";
    return { id: 1, status: "queued" };
  };
  await opened();
  expect(screen.getByText("unknown")).toBeTruthy();
  expect(screen.getByText(/No training like these was done/)).toBeTruthy();
  fireEvent.click(screen.getByRole("button", { name: "Measure on a worker" }));
  await screen.findByText("Waiting for a free worker…");
  expect(screen.queryByRole("button", { name: "Measure on a worker" })).toBeNull();
  probe = "done";
  await screen.findAllByText("about 30 s, 20 to 45 s", {}, { timeout: 3_000 });
});

it("offers no measurement where no worker runs", async () => {
  await opened();
  expect(screen.getByText(/No worker is running\./)).toBeTruthy();
  expect(screen.queryByRole("button", { name: "Measure on a worker" })).toBeNull();
});

it("names searches that are the same, by their seed too", async () => {
  server.answers["POST /api/searches/preview"] = (request: FakeRequest) =>
    previewed({
      same:
        (request.body as SearchRequest).seed === 7 ? [{ id: "s7", name: "Seven", status: "finished" }] : [],
    })(request);
  await opened();
  expect(screen.queryByText(/was run already/)).toBeNull();
  type(screen.getByLabelText("Seed"), "7");
  const link = await screen.findByRole<HTMLAnchorElement>("link", { name: "Seven" });
  expect(link.getAttribute("href")).toBe("/searches/s7");
  expect(screen.getByText(/This search was run already/)).toBeTruthy();
});

it("launches a group of searches, and goes to the first", async () => {
  const router = await opened();
  type(screen.getByLabelText("Repeats"), "21");
  expect(screen.getByText("Enter a whole number from 1 to 20")).toBeTruthy();
  type(screen.getByLabelText("Repeats"), "3");
  fireEvent.click(launch());
  await waitFor(() => expect(router.state.location.pathname).toBe("/searches/s1"));
  expect(sent("POST /api/searches")[0]?.body).toMatchObject({ repeats: 3 });
});

const EARLIER = {
  name: "Earlier",
  strategy: "autoshrink",
  dataset: "digits",
  space: "cnn",
  evaluator: "inherit",
  budget: {
    params: 30_000,
    macs: null,
    peak_memory: null,
    latency: null,
    device: null,
    bytes_per_element: 1,
  },
  seed: 5,
  settings: {
    space: { nodes: 6 },
    strategy: { protocol: "studio", candidates: 4, patience: 4, keep_edges: 1, keep_parent: true },
    evaluator: { epochs: 2 },
    objective: { cost_weight: 0 },
    answer: { finalists: 3, answer_epochs: 0 },
  },
};

async function openedAt(address: string) {
  const router = renderPage(NewSearch, address);
  await waitFor(() => expect(launch().disabled).toBe(false));
  return router;
}

it("starts from an earlier search, as it began", async () => {
  server.answers["GET /api/searches/{id}/draft"] = EARLIER;
  await openedAt("/searches/new?from=s0");
  expect(sent("GET /api/searches/{id}/draft")[0]?.params?.path).toEqual({ id: "s0" });
  expect(limit("Parameters").value).toBe("30 k");
  expect(setting("Search space", "Nodes").value).toBe("6");
  expect(screen.getByText("Copy of Earlier")).toBeTruthy();
  fireEvent.click(launch());
  await waitFor(() => expect(sent("POST /api/searches")).toHaveLength(1));
  expect(sent("POST /api/searches")[0]?.body).toEqual({ ...EARLIER, repeats: 1 });
});

it("starts from a template, of which all are offered", async () => {
  const template = {
    name: "quick-look",
    title: "A quick look",
    about: "Small.",
    draft: { ...EARLIER, name: "Quick", settings: { space: { nodes: 5 } } },
  };
  server.answers["GET /api/templates"] = [template];
  await openedAt("/searches/new?template=quick-look");
  expect(screen.getByLabelText<HTMLInputElement>("Name").value).toBe("Quick");
  expect(setting("Search space", "Nodes").value).toBe("5");
  expect(setting("Objective", "Cost weight").value).toBe("0");
  fireEvent.click(screen.getByRole("button", { name: "a template" }));
  expect(screen.getByRole("link", { name: /^A quick look/ }).getAttribute("href")).toBe(
    "/searches/new?template=quick-look",
  );
});

it("copies a search of an archived dataset, which it says, and offers no other archived ones", async () => {
  const [digits] = (server.answers["GET /api/datasets"] as ReturnType<typeof pageOf>).results;
  const archived = (name: string, title: string) => ({ ...digits, name, title, archived: true });
  server.answers["GET /api/datasets"] = pageOf([
    archived("a", "Acorns"),
    digits ?? {},
    archived("o", "Oaks"),
  ]);
  server.answers["GET /api/searches/{id}/draft"] = { ...EARLIER, dataset: "o" };
  await openedAt("/searches/new?from=s0");
  expect(screen.getByRole<HTMLInputElement>("radio", { name: /^Oaks.*Archived/ }).checked).toBe(true);
  expect(screen.queryByRole("radio", { name: /^Acorns/ })).toBeNull();
  expect(screen.getByText(/^Archived: it is off the lists/)).toBeTruthy();
  choose(/Handwritten digits/);
  expect(screen.queryByText(/^Archived: it is off the lists/)).toBeNull();
  choose(/^Oaks/);
  await waitFor(() => expect(launch().disabled).toBe(false));
  fireEvent.click(launch());
  await waitFor(() => expect(sent("POST /api/searches")[0]?.body).toMatchObject({ dataset: "o" }));
});

it("starts from a dataset that is not archived unless it is asked for another", async () => {
  const [digits] = (server.answers["GET /api/datasets"] as ReturnType<typeof pageOf>).results;
  server.answers["GET /api/datasets"] = pageOf([
    { ...digits, name: "a", title: "Acorns", archived: true },
    digits ?? {},
  ]);
  await opened();
  expect(screen.getByRole<HTMLInputElement>("radio", { name: /Handwritten digits/ }).checked).toBe(true);
});

it("says that a dataset is gone instead of taking another one", async () => {
  server.answers["GET /api/searches/{id}/draft"] = { ...EARLIER, dataset: "gone" };
  renderPage(NewSearch, "/searches/new?from=s0");
  await screen.findByText("Select a dataset: the one of this form is not available any more");
  choose(/Handwritten digits/);
  await waitFor(() => expect(launch().disabled).toBe(false));
});

it("saves a draft as it was typed, valid or not, and opens it again", async () => {
  let stored: unknown = null;
  server.answers["POST /api/drafts"] = ({ body }: FakeRequest) => {
    stored = body;
    return { id: "d7", version: 1, ...(body as object) };
  };
  server.answers["GET /api/drafts/{id}"] = () => ({ id: "d7", version: 1, ...(stored as object) });
  const router = await opened();
  type(setting("Search space", "Nodes"), "many");
  type(limit("MACs"), "plenty");
  fireEvent.click(screen.getByRole("button", { name: "Save as draft" }));
  await waitFor(() => expect(router.state.location.search).toBe("?draft=d7"));
  await screen.findByText(/^Draft: /);
  await screen.findByText("Saved as a draft");
  expect(setting("Search space", "Nodes").value).toBe("many");
  expect(limit("MACs").value).toBe("plenty");
  type(setting("Search space", "Nodes"), "7");
  server.answers["PUT /api/drafts/{id}"] = ({ body }: FakeRequest) => ({
    ...(body as object),
    id: "d7",
    version: 2,
  });
  fireEvent.click(screen.getByRole("button", { name: "Save as draft" }));
  await waitFor(() => expect(sent("PUT /api/drafts/{id}")[0]?.params?.path).toEqual({ id: "d7" }));
  type(setting("Search space", "Nodes"), "8");
  fireEvent.click(screen.getByRole("button", { name: "Save as draft" }));
  const versions = () =>
    sent("PUT /api/drafts/{id}").map(({ body }) => (body as { version: number }).version);
  await waitFor(() => expect(versions()).toEqual([1, 2]));
});

async function withAnOutdatedDraft() {
  const stored = { id: "d7", name: "Ours", draft: { seed: "4" }, version: 3 };
  server.answers["GET /api/drafts/{id}"] = () => ({ ...stored });
  const router = await openedAt("/searches/new?draft=d7");
  type(screen.getByLabelText("Seed"), "5");
  Object.assign(stored, { draft: { seed: "9" }, version: 4 });
  const detail = "Colleague changed this draft. Save this one as a new draft, or open the other.";
  server.answers["PUT /api/drafts/{id}"] = new ErrorAnswer(409, [{ code: "outdated", detail, attr: null }]);
  fireEvent.click(screen.getByRole("button", { name: "Save as draft" }));
  await screen.findByText(/Could not save\. Colleague changed this draft\./);
  return router;
}

it("saves a draft that somebody else changed as a new one, with what was typed", async () => {
  const router = await withAnOutdatedDraft();
  server.answers["POST /api/drafts"] = { id: "d8", version: 1 };
  server.answers["GET /api/drafts/{id}"] = { id: "d8", name: "Mine", draft: { seed: "5" }, version: 1 };
  fireEvent.click(screen.getByRole("button", { name: "Save as a new draft" }));
  await waitFor(() => expect(router.state.location.search).toBe("?draft=d8"));
  expect(sent("POST /api/drafts")[0]?.body).toMatchObject({ draft: { seed: "5" } });
  expect(sent("PUT /api/drafts/{id}")).toHaveLength(1);
});

it("opens the draft as somebody else changed it, and saves that version", async () => {
  await withAnOutdatedDraft();
  fireEvent.click(screen.getByRole("button", { name: "Discard mine, open the other" }));
  await waitFor(() => expect(screen.getByLabelText<HTMLInputElement>("Seed").value).toBe("9"));
  fireEvent.click(await screen.findByRole("button", { name: "Save as draft" }));
  await waitFor(() => expect(sent("PUT /api/drafts/{id}")[1]?.body).toMatchObject({ version: 4 }));
});

it("keeps the version that unsaved changes were made to through a reload", async () => {
  const stored = { id: "d7", name: "Ours", draft: { seed: "4" }, version: 3 };
  server.answers["GET /api/drafts/{id}"] = () => ({ ...stored });
  const router = await openedAt("/searches/new?draft=d7");
  type(screen.getByLabelText("Seed"), "5");
  await router.navigate("/elsewhere");
  await screen.findByText("elsewhere");
  Object.assign(stored, { draft: { seed: "9" }, version: 4 });
  await router.navigate("/searches/new?draft=d7");
  await waitFor(() => expect(screen.getByLabelText<HTMLInputElement>("Seed").value).toBe("5"));
  server.answers["PUT /api/drafts/{id}"] = { id: "d7", version: 4 };
  fireEvent.click(screen.getByRole("button", { name: "Save as draft" }));
  await waitFor(() => expect(sent("PUT /api/drafts/{id}")[0]?.body).toMatchObject({ version: 3 }));
});

it("keeps what is typed, and the focus, while a new draft is on its way", async () => {
  let arrive = () => {};
  server.answers["POST /api/drafts"] = ({ body }: FakeRequest) =>
    new Promise((resolve) => {
      arrive = () => resolve({ id: "d7", ...(body as object) });
    });
  server.answers["PUT /api/drafts/{id}"] = ({ body }: FakeRequest) => ({ id: "d7", ...(body as object) });
  const router = await opened();
  type(screen.getByLabelText("Name"), "Por");
  fireEvent.click(screen.getByRole("button", { name: "Save as draft" }));
  await waitFor(() => expect(sent("POST /api/drafts")).toHaveLength(1));
  const name = screen.getByLabelText<HTMLInputElement>("Name");
  name.focus();
  type(name, "Porch");
  arrive();
  await waitFor(() => expect(router.state.location.search).toBe("?draft=d7"));
  expect(screen.getByText("Draft: Por")).toBeTruthy();
  expect([document.activeElement, name.value]).toEqual([name, "Porch"]);
  expect(screen.queryByText("Saved as a draft")).toBeNull();
  await router.navigate("/elsewhere");
  await screen.findByText("elsewhere");
  server.answers["GET /api/drafts/{id}"] = sent("POST /api/drafts").map(({ body }) => ({
    id: "d7",
    ...(body as object),
  }))[0];
  await router.navigate("/searches/new?draft=d7");
  await screen.findByText(/unsaved changes are back/);
  expect(screen.getByLabelText<HTMLInputElement>("Name").value).toBe("Porch");
  fireEvent.click(screen.getByRole("button", { name: "Save as draft" }));
  await screen.findByText("Saved as a draft");
  expect(sent("POST /api/drafts")).toHaveLength(1);
  expect(sent("PUT /api/drafts/{id}")[0]?.body).toMatchObject({ name: "Porch" });
});

it("starts again after a draft was saved, and goes back to it", async () => {
  server.answers["POST /api/drafts"] = ({ body }: FakeRequest) => ({ id: "d7", ...(body as object) });
  server.answers["GET /api/drafts/{id}"] = () => ({
    id: "d7",
    ...(sent("POST /api/drafts")[0]?.body as object),
  });
  const router = await opened();
  type(screen.getByLabelText("Name"), "Porch");
  fireEvent.click(screen.getByRole("button", { name: "Save as draft" }));
  await waitFor(() => expect(router.state.location.search).toBe("?draft=d7"));
  const name = () => screen.findByLabelText<HTMLInputElement>("Name").then(({ value }) => value);
  await router.navigate("/searches/new");
  await waitFor(async () => expect(await name()).toBe("Handwritten digits, 8 nodes"));
  expect(screen.queryByText("Draft: Porch")).toBeNull();
  await router.navigate(-1);
  await waitFor(async () => expect(await name()).toBe("Porch"));
});

it("stays where its user went while a new draft was on its way", async () => {
  let arrive = () => {};
  server.answers["POST /api/drafts"] = ({ body }: FakeRequest) =>
    new Promise((resolve) => {
      arrive = () => resolve({ id: "d7", ...(body as object) });
    });
  const router = await opened();
  fireEvent.click(screen.getByRole("button", { name: "Save as draft" }));
  await waitFor(() => expect(sent("POST /api/drafts")).toHaveLength(1));
  await router.navigate("/elsewhere");
  await screen.findByText("elsewhere");
  arrive();
  await new Promise((done) => setTimeout(done)); // after all that follows the answer
  expect(router.state.location).toMatchObject({ pathname: "/elsewhere", search: "" });
});

it("lists the drafts and deletes them", async () => {
  server.answers["GET /api/drafts"] = [
    {
      id: "d7",
      name: "Half done",
      version: 1,
      created_by: "Rev",
      changed_by: "Rev",
      updated_at: "2026-11-29T17:22:00Z",
    },
  ];
  server.answers["DELETE /api/drafts/{id}"] = () => {
    server.answers["GET /api/drafts"] = [];
    return null;
  };
  await opened();
  fireEvent.click(await screen.findByRole("button", { name: "a draft (1)" }));
  expect((await screen.findByRole("link", { name: /^Half done/ })).getAttribute("href")).toBe(
    "/searches/new?draft=d7",
  );
  fireEvent.click(screen.getByRole("button", { name: "Delete the draft Half done" }));
  await waitFor(() => expect(screen.queryByRole("link", { name: /^Half done/ })).toBeNull());
});

it("keeps unsaved changes through a reload and a visit to another page, until they are discarded", async () => {
  const router = await opened();
  type(setting("Search space", "Nodes"), "6");
  type(limit("MACs"), "2M");
  await router.navigate("/elsewhere");
  await screen.findByText("elsewhere");
  await router.navigate("/searches/new");
  const discard = await screen.findByRole("button", { name: "Discard them" });
  expect([setting("Search space", "Nodes").value, limit("MACs").value]).toEqual(["6", "2M"]);
  fireEvent.click(discard);
  expect(setting("Search space", "Nodes").value).toBe("8");
  await router.navigate("/elsewhere");
  await screen.findByText("elsewhere");
  await router.navigate("/searches/new");
  await waitFor(() => expect(setting("Search space", "Nodes").value).toBe("8"));
  expect(screen.queryByText(/unsaved changes/)).toBeNull();
});

it("forgets what was launched", async () => {
  const router = await opened();
  type(setting("Search space", "Nodes"), "6");
  await waitFor(() => expect(launch().disabled).toBe(false));
  fireEvent.click(launch());
  await waitFor(() => expect(router.state.location.pathname).toBe("/searches/s1"));
  await screen.findByText("elsewhere");
  await router.navigate("/searches/new");
  await waitFor(() => expect(setting("Search space", "Nodes").value).toBe("8"));
});
