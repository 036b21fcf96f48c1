import { fireEvent, screen, waitFor } from "@testing-library/react";
import { describe, expect, it, vi } from "vitest";
import type { Engine, SearchRequest } from "../../api/types";
import { pageOf, server } from "../../testing/fakeServer";
import {
  answers,
  choose,
  command,
  factor,
  launch,
  limit,
  opened,
  setting,
  type,
} from "../../testing/newSearchPage";
import { factorsOf, NO_SETTINGS } from "./factors";

vi.mock("../../api/client", async (original) => ({
  ...(await original<typeof import("../../api/client")>()),
  api: (await import("../../testing/fakeServer")).server.api,
}));

/** Adds a text dataset. */
function offerText() {
  const [digits] = (server.answers["GET /api/datasets"] as ReturnType<typeof pageOf>).results;
  const text = { kind: "text", shape: null, classes: null, vocabulary: 2_000 };
  const novel = { ...digits, ...text, name: "novel", title: "A novel" };
  server.answers["GET /api/datasets"] = pageOf([digits ?? {}, novel]);
}
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

describe("a strategy with a usual space and evaluator", () => {
  const names = { title: "", about: "" };
  /** Adds a strategy that usually scores chains, which comes last, as do its space and its evaluator. */
  function offerScores() {
    const engine = answers()["GET /api/engine"];
    const random = engine.strategies[1];
    const usual = { space: "chain", evaluator: "score" };
    const zico = { ...random, name: "zico", title: "ZiCo evolution", spaces: ["cnn", "chain"], usual };
    const chain = { ...names, name: "chain", title: "Chain of blocks", kind: "image", schema: [] };
    const defaults = { objective: { cost_weight: 0 } };
    const schemas = { image: [{ ...engine.objective[0], name: "batch", label: "Images per batch" }] };
    const score = { ...names, name: "score", title: "Score without training", schemas, defaults };
    server.answers["GET /api/engine"] = {
      ...engine,
      strategies: [...engine.strategies, zico],
      spaces: [...engine.spaces, chain],
      evaluators: [...engine.evaluators, score],
    };
  }
  const radio = (name: RegExp) => screen.getByRole<HTMLInputElement>("radio", { name });
  const request = () =>
    server.requests.findLast(({ what }) => what === "POST /api/searches/preview")?.body as SearchRequest;

  it("takes them until others are chosen, and names neither in the command", async () => {
    offerScores();
    await opened();
    choose(/^ZiCo evolution/);
    expect([radio(/^Chain of blocks/).checked, radio(/^Score without training/).checked]).toEqual([
      true,
      true,
    ]);
    expect(command()).not.toMatch(/--space|--evaluator/);
    await waitFor(() => expect(request()).toMatchObject({ space: "chain", evaluator: "score" }));
    choose(/^Convolutional cell/);
    choose(/^Short training/);
    expect(command()).toMatch(/--space cnn .*\n.*--evaluator train/);
    choose(/^Random search/);
    choose(/^ZiCo evolution/);
    expect(radio(/^Convolutional cell/).checked).toBe(true);
  });

  it("has the evaluator's defaults of other factors, limited or not, and counts scores", async () => {
    offerScores();
    await opened();
    fireEvent.click(radio(/^No limits/));
    expect(setting("Objective", "Cost weight").value).toBe("0.1");
    choose(/^ZiCo evolution/);
    expect(setting("Objective", "Cost weight").value).toBe("0");
    expect(command()).not.toContain("cost-weight");
    expect(screen.getByRole("complementary", { name: "Review" }).textContent).toMatch(
      /Most candidates scored232/,
    );
    choose(/^Short training/);
    expect(setting("Objective", "Cost weight").value).toBe("0.1");
    expect(screen.getByRole("complementary", { name: "Review" }).textContent).toMatch(
      /Most candidates trained235/,
    );
  });
});

it("takes later defaults over earlier ones: the evaluator's, those within limits, the protocol's", () => {
  const engine = answers()["GET /api/engine"] as unknown as Engine;
  const field = (name: string) =>
    ({ ...engine.objective[0], name, default: 0 }) as Engine["objective"][number];
  const given = (value: number, ...fields: string[]) => ({
    objective: Object.fromEntries(fields.map((name) => [name, value])),
  });
  const [autoshrink] = engine.strategies;
  const [studio] = autoshrink?.protocols ?? [];
  const protocol = {
    ...studio,
    settings: { cnn: given(4, "d") },
    within_limits: given(3, "c", "d"),
  };
  const [train] = engine.evaluators;
  const offer = {
    ...engine,
    objective: ["a", "b", "c", "d"].map(field),
    strategies: [{ ...autoshrink, protocols: [protocol] }],
    evaluators: [{ ...train, defaults: given(1, "a", "b", "c", "d") }],
    within_limits: given(2, "b", "c", "d"),
  } as unknown as Engine;
  const chosen = { strategy: "autoshrink", space: null, evaluator: null, settings: NO_SETTINGS };
  const defaults = (limited: boolean) =>
    factorsOf(offer, { kind: "image" }, chosen, limited).settings.objective.schema.map(
      (each) => each.default,
    );
  expect([defaults(true), defaults(false)]).toEqual([
    [1, 2, 3, 4],
    [1, 1, 1, 4],
  ]);
});
