import { fireEvent, screen, waitFor, within } from "@testing-library/react";
import { beforeEach, expect, it, vi } from "vitest";
import type { Preview, SearchDraft } from "../../api/types";
import { ErrorAnswer, type FakeRequest, renderPage, server } from "../../testing/fakeServer";
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
  const { config } = body as SearchDraft;
  const size = Number(config.nodes) / 8;
  return {
    dense: cost(151_200 * size, 27_320_000 * size, 147_456),
    smallest: cost(7_700, 2_460_000, 65_536),
    graph: { nodes: [node(0), node(1)], edges: [{ id: "0-1", source: 0, target: 1 }] },
    fits: true,
    problems: [],
    evaluations: 235,
  };
}

function answers() {
  const field = { type: "int", max: null, choices: null, help: "", unit: null };
  return {
    "GET /api/datasets": [
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
    ],
    "GET /api/engine": {
      limits: REQUEST_LIMITS,
      strategies: [
        {
          name: "autoshrink",
          title: "AutoShrink",
          about: "Cuts.",
          spaces: [
            {
              name: "cnn",
              title: "Convolutional cell",
              kind: "image",
              schema: [{ ...field, name: "nodes", default: 8, min: 2, max: 16, label: "Nodes" }],
            },
            {
              name: "rnn",
              title: "Recurrent cell",
              kind: "text",
              schema: [{ ...field, name: "hidden", default: 200, min: 8, max: 2048, label: "Hidden size" }],
            },
          ],
        },
      ],
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
    "GET /api/devices": [{ id: "d1", name: "Bench board", seen_at: null, about: {} }],
    "POST /api/searches/preview": preview,
    "POST /api/searches": { id: "s1" },
  };
}

beforeEach(() => {
  server.reset();
  server.answers = answers();
});

const limit = (name: string) =>
  screen.getByRole<HTMLInputElement>("textbox", { name: new RegExp(`^${name}`) });
const launch = () => screen.getByRole<HTMLButtonElement>("button", { name: "Launch search" });
const type = (input: HTMLElement, value: string) => fireEvent.change(input, { target: { value } });

async function opened() {
  const router = renderPage(NewSearch, "/searches/new");
  await waitFor(() => expect(launch().disabled).toBe(false));
  return router;
}

it("proposes limits that can be met, and launches with them", async () => {
  const router = await opened();
  expect(limit("Peak memory").value).toBe("96");
  fireEvent.click(launch());
  await waitFor(() => expect(router.state.location.pathname).toBe("/searches/s1"));
  const { body } = server.requests.find(({ what }) => what === "POST /api/searches") ?? {};
  expect(body).toMatchObject({
    name: "Handwritten digits, 8 nodes",
    strategy: "autoshrink",
    dataset: "digits",
    seed: 0,
    config: { nodes: 8 },
    budget: { params: 66_000, peak_memory: 98_304, bytes_per_element: 4 },
  });
});

it("refuses an impossible limit before launch, with the number needed and a way out", async () => {
  await opened();
  type(limit("Peak memory"), "48");
  expect(launch().disabled).toBe(true);
  const verdict = within(screen.getByRole("complementary", { name: "Review" }));
  expect(verdict.getByText("The smallest cell needs 64 KiB; the limit is 48 KiB.")).toBeTruthy();
  fireEvent.click(verdict.getByRole("button", { name: /^Raise to 64\sKiB$/ }));
  expect(limit("Peak memory").value).toBe("64");
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
  expect(screen.queryByText(/from 0 to/)).toBeNull();
  type(screen.getByLabelText("Seed"), "2147483648");
  expect(screen.getByText("Enter a whole number from 0 to 2,147,483,647")).toBeTruthy();
  type(screen.getByLabelText("Seed"), "1");
  type(limit("Parameters"), "1000001 M");
  expect(screen.getByText(/^Enter at most 1,?000/)).toBeTruthy();
  fireEvent.click(launch());
  expect(server.requests.some(({ what }) => what === "POST /api/searches")).toBe(false);
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
    { code: "invalid", detail: "Fourteen at most today.", attr: "config.nodes" },
  ]);
  await opened();
  fireEvent.click(launch());
  const nodes = await screen.findByRole("textbox", { name: "Nodes" });
  await waitFor(() => expect(nodes.getAttribute("aria-invalid")).toBe("true"));
  expect(document.getElementById("config-nodes-error")?.textContent).toBe("Fourteen at most today.");
});

it("never replaces a newer answer by a late one", async () => {
  let late: (() => void) | null = null;
  server.answers["POST /api/searches/preview"] = (request: FakeRequest) => {
    if ((request.body as SearchDraft).config.nodes !== 4) return preview(request);
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

it("shows the settings for the kind of the data", async () => {
  const [digits] = server.answers["GET /api/datasets"] as object[];
  const text = { kind: "text", shape: null, classes: null, vocabulary: 2_000 };
  const novel = { ...digits, ...text, name: "novel", title: "A novel" };
  server.answers["GET /api/datasets"] = [digits, novel];
  await opened();
  type(screen.getByRole("textbox", { name: "Nodes" }), "6");
  const card = screen.getByRole("radio", { name: /A novel.*2,000 words/ });
  fireEvent.click(card);
  expect(screen.queryByRole("textbox", { name: "Nodes" })).toBeNull();
  expect(screen.getByRole<HTMLInputElement>("textbox", { name: "Hidden size" }).value).toBe("200");
  await waitFor(() => {
    const request = server.requests.findLast(({ what }) => what === "POST /api/searches/preview");
    expect(request?.body).toMatchObject({ dataset: "novel", config: { hidden: 200 } });
  });
  fireEvent.click(screen.getByRole("radio", { name: /Handwritten digits/ }));
  expect(screen.getByRole<HTMLInputElement>("textbox", { name: "Nodes" }).value).toBe("6");
});

it("has no command for uploaded data", async () => {
  await opened();
  expect(screen.getByText(/--dataset digits/)).toBeTruthy();
  const [digits] = server.answers["GET /api/datasets"] as object[];
  server.reset();
  server.answers = { ...answers(), "GET /api/datasets": [{ ...digits, name: "d1", uploaded: true }] };
  await opened();
  expect(screen.queryByText(/--dataset/)).toBeNull();
});

it("takes the limits of a device, and shows their source", async () => {
  await opened();
  fireEvent.click(screen.getByRole("radio", { name: /A watch/ }));
  expect(limit("Parameters").value).toBe("50");
  expect(limit("MACs").value).toBe("");
  expect(limit("Latency").value).toBe("4");
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
  type(limit("Parameters"), "60");
  expect(screen.getByRole<HTMLInputElement>("radio", { name: /A watch/ }).checked).toBe(false);
  expect(screen.getByRole<HTMLInputElement>("radio", { name: "Custom" }).checked).toBe(true);
  expect(limit("Latency").value).toBe("4");
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
    const { budget } = request.body as SearchDraft;
    const problems =
      budget.params === 1_000 ? [problem("params", 1_000, 7_700), problem("latency", 10, 900)] : [];
    return { ...preview(request), fits: problems.length === 0, problems };
  };
  await opened();
  type(limit("Parameters"), "1");
  const verdict = within(screen.getByRole("complementary", { name: "Review" }));
  await verdict.findByText("Cannot be met: parameters, latency");
  expect(verdict.getByRole("button", { name: /^Raise to 0\.9\sms$/ })).toBeTruthy();
});

it("shows what the published protocol fixes without sending it, and has no limits", async () => {
  const engine = server.answers["GET /api/engine"] as { strategies: { spaces: { schema: object[] }[] }[] };
  const row = { max: null, min: null, choices: null, help: "", unit: null };
  engine.strategies[0]?.spaces[0]?.schema.push(
    {
      ...row,
      name: "protocol",
      type: "choice",
      default: "studio",
      choices: ["studio", "published"],
      label: "Protocol",
    },
    { ...row, name: "patience", type: "int", default: 4, label: "Patience", published: 0 },
  );
  await opened();
  fireEvent.click(screen.getByRole("radio", { name: /^As in the paper's code/ }));
  const patience = screen.getByRole<HTMLInputElement>("textbox", { name: "Patience" });
  expect(patience.value).toBe("0");
  expect(patience.disabled).toBe(true);
  expect(screen.getByText(/^Fixed by the published protocol/)).toBeTruthy();
  expect(screen.queryByRole("textbox", { name: /^MACs/ })).toBeNull();
  expect(screen.getByText(/The published protocol has no limits/)).toBeTruthy();
  await waitFor(() => expect(launch().disabled).toBe(false));
  fireEvent.click(launch());
  await waitFor(() => {
    const { body } = server.requests.find(({ what }) => what === "POST /api/searches") ?? {};
    const { config, budget } = body as SearchDraft;
    expect(config).toEqual({ nodes: 8, protocol: "published" });
    expect(budget).toMatchObject({ params: null, macs: null, peak_memory: null, latency: null });
  });
});

it("removes all limits at once", async () => {
  await opened();
  fireEvent.click(screen.getByRole("radio", { name: "No limits" }));
  expect(limit("Parameters").value).toBe("");
  expect(screen.getByText("The search cuts edges and keeps the cell with the best score.")).toBeTruthy();
});

it("is not launched by a read-only user", async () => {
  server.answers["GET /api/me"] = { may_change: false };
  renderPage(NewSearch, "/searches/new");
  const launch = await screen.findByRole<HTMLButtonElement>("button", { name: "Launch search" });
  await waitFor(() => expect(launch.title).toBe("You have view-only access."));
  expect(launch.disabled).toBe(true);
});
