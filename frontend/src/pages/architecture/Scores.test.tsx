import { fireEvent, screen, waitFor, within } from "@testing-library/react";
import { beforeEach, expect, it, vi } from "vitest";
import type { ArchitectureDetail, Dataset, Engine, Score } from "../../api/types";
import { ErrorAnswer, pageOf, renderPage, server } from "../../testing/fakeServer";
import { REQUEST_LIMITS } from "../../testing/requestLimits";
import { Scores } from "./Scores";

vi.mock("../../api/client", async (original) => ({
  ...(await original<typeof import("../../api/client")>()),
  api: (await import("../../testing/fakeServer")).server.api,
}));

const LIST = "/api/architectures/{id}/scores";
const proxy = (name: string, title: string, closed = false) => ({
  name,
  title,
  about: `About ${title}.`,
  source: "",
  inputs: closed ? "nothing" : "labelled images",
  closed,
});
const engine = {
  proxies: [proxy("zico", "ZiCo"), proxy("naswot", "NASWOT"), proxy("params", "Parameters", true)],
  batches: { size: 128, count: 2 },
  limits: REQUEST_LIMITS,
  strategies: [],
} as unknown as Engine;
const datasets = [
  { name: "digits", kind: "image", title: "Digits" },
  { name: "novel", kind: "text", title: "A novel" },
  { name: "leaves", kind: "image", title: "Leaves" },
] as Dataset[];
const waiting: Score = {
  id: "x1",
  proxy: "zico",
  dataset: "leaves",
  batch_size: 8,
  batches: 2,
  side: 0,
  seed: 3,
  status: "waiting",
  value: null,
  code: null,
  error: null,
  seconds: null,
  created_at: "2026-11-24T10:00:00Z",
  created_by: "Ada",
};
const done: Score = { ...waiting, status: "done", value: 123.4567, seconds: 0.0123 };
const cell = {
  ...{ id: "a1", name: "Small", metric: "accuracy", dataset: "leaves" },
  macro: { kind: "image" },
} as unknown as ArchitectureDetail;

let shown = cell;
const Page = () => <Scores architecture={shown} engine={engine} datasets={datasets} />;

function open(architecture: ArchitectureDetail = cell) {
  shown = architecture;
  renderPage(Page, "/");
  return within(screen.getByRole("region", { name: "Scores" }));
}

const posts = () => server.requests.filter(({ what }) => what === `POST ${LIST}`).map(({ body }) => body);

beforeEach(() => {
  server.reset();
  server.answers = {
    "GET /api/me": { may_change: true },
    "GET /api/engine": engine,
    "GET /api/datasets": pageOf(datasets),
    [`GET ${LIST}`]: [],
  };
});

it("scores by the chosen proxies, and polls until it is done", async () => {
  const rows: Score[][] = [[], [waiting]];
  server.answers[`GET ${LIST}`] = () => rows.shift() ?? [done];
  server.answers[`POST ${LIST}`] = [waiting];
  const plate = open();
  expect(await plate.findByText("Not scored yet.")).toBeTruthy();
  fireEvent.click(plate.getByRole("button", { name: "Score" }));
  const form = within(screen.getByRole("dialog", { name: "Score Small" }));
  const box = (name: string) => form.getByRole<HTMLInputElement>("checkbox", { name });
  expect([box("ZiCo").checked, box("NASWOT").checked]).toEqual([true, false]);
  expect(form.getByText("About NASWOT. Takes labelled images.")).toBeTruthy();
  const data = form.getByLabelText<HTMLSelectElement>("Dataset");
  expect([data.value, ...[...data.options].map(({ text }) => text)]).toEqual(["leaves", "Digits", "Leaves"]);
  fireEvent.click(box("Parameters"));
  fireEvent.change(form.getByLabelText("Batch size"), { target: { value: "8" } });
  fireEvent.change(form.getByLabelText("Seed"), { target: { value: "3" } });
  fireEvent.click(form.getByRole("button", { name: "Score" }));
  expect(await plate.findByText("waiting for a worker")).toBeTruthy();
  expect(screen.queryByRole("dialog")).toBeNull();
  expect(posts()).toEqual([
    { proxies: ["zico", "params"], dataset: "leaves", batch_size: 8, side: 0, seed: 3 },
  ]);
  const row = await plate.findByRole("row", { name: /ZiCo 123\.5/ }, { timeout: 4_000 });
  for (const text of ["Leaves", "2 batches of 8 images, seed 3", "0.0123\u202fs", "24 Nov 2026", "Ada"])
    expect(row.textContent).toContain(text);
});

it("scores a chain of large images at a lower resolution, unless another one is given", async () => {
  server.answers[`POST ${LIST}`] = [waiting];
  const macro = { kind: "chain", resolution: 224 };
  const plate = open({ ...cell, macro } as unknown as ArchitectureDetail);
  fireEvent.click(await plate.findByRole("button", { name: "Score" }));
  const form = within(screen.getByRole("dialog"));
  const side = form.getByLabelText<HTMLInputElement>("Resolution of scored images");
  expect(side.value).toBe("64");
  fireEvent.change(side, { target: { value: "5000" } });
  fireEvent.click(form.getByRole("button", { name: "Score" }));
  expect(form.getByText("Enter a whole number from 0 to 2,048")).toBeTruthy();
  fireEvent.change(side, { target: { value: "96" } });
  fireEvent.click(form.getByRole("button", { name: "Score" }));
  await waitFor(() => expect(posts()).toMatchObject([{ side: 96 }]));
});

it("asks for nothing that the server would refuse", async () => {
  const plate = open();
  fireEvent.click(await plate.findByRole("button", { name: "Score" }));
  const form = within(screen.getByRole("dialog"));
  fireEvent.click(form.getByRole("checkbox", { name: "ZiCo" }));
  fireEvent.change(form.getByLabelText("Batch size"), { target: { value: "1" } });
  fireEvent.click(form.getByRole("button", { name: "Score" }));
  expect(form.getByText("Choose at least one proxy")).toBeTruthy();
  expect(form.getByText("Enter a whole number from 2 to 4,096")).toBeTruthy();
  expect(posts()).toEqual([]);
});

it("shows what the server refuses at its field", async () => {
  const detail = "2 batches of 128 need 256 training images, and there are 20; choose smaller batches.";
  server.answers[`POST ${LIST}`] = new ErrorAnswer(400, [{ code: "invalid", detail, attr: "batch_size" }]);
  const plate = open();
  fireEvent.click(await plate.findByRole("button", { name: "Score" }));
  const form = within(screen.getByRole("dialog"));
  fireEvent.click(form.getByRole("button", { name: "Score" }));
  expect(await form.findByText(detail)).toBeTruthy();
  expect(form.getByLabelText("Batch size").getAttribute("aria-invalid")).toBe("true");
});

it("says why a score failed, and removes it", async () => {
  const error = "The score of this network is not a finite number.";
  server.answers[`GET ${LIST}`] = [{ ...waiting, status: "failed", code: "not_finite", error }];
  server.answers["DELETE /api/architectures/{id}/scores/{score}"] = () => {
    server.answers[`GET ${LIST}`] = [];
    return {};
  };
  const plate = open();
  expect(await plate.findByText(error)).toBeTruthy();
  fireEvent.click(plate.getByRole("button", { name: "Remove ZiCo" }));
  expect(await plate.findByText("Not scored yet.")).toBeTruthy();
  const removed = server.requests.find(({ what }) => what.startsWith("DELETE"));
  expect(removed?.params?.path).toEqual({ id: "a1", score: "x1" });
});

it("scores no language model, and says so", async () => {
  const plate = open({ ...cell, metric: "perplexity" });
  expect(plate.getByText("Proxies score image networks. Train a language model instead.")).toBeTruthy();
  expect(plate.queryByRole("button", { name: "Score" })).toBeNull();
  await waitFor(() => expect(server.requests.length).toBeGreaterThan(0));
  expect(server.requests.some(({ what }) => what.includes("scores"))).toBe(false);
});
