import { fireEvent, screen, waitFor, within } from "@testing-library/react";
import { beforeEach, expect, it, vi } from "vitest";
import type { ArchitectureRow } from "../../api/types";
import { pageOf, renderPage, server } from "../../testing/fakeServer";
import { Component as ByProxy } from "./ByProxy";

vi.mock("../../api/client", async (original) => ({
  ...(await original<typeof import("../../api/client")>()),
  api: (await import("../../testing/fakeServer")).server.api,
}));

const LIST = "GET /api/architectures";
const row = (id: string, by_proxy: Record<string, number>, trained_accuracy: number | null) =>
  ({
    id,
    name: `cell ${id}`,
    kind: "found",
    cost: { params: 50_100, params_no_bn: 9, macs: 9_180_000, latency: null, peak_memory: { live: 81_920 } },
    created_at: "2026-11-20T10:00:00Z",
    owner: null,
    bytes_per_element: 4,
    tags: [],
    archived: false,
    by_proxy,
    trained_accuracy,
  }) as unknown as ArchitectureRow;
const queries = () => server.requests.filter(({ what }) => what === LIST).map(({ params }) => params?.query);

beforeEach(() => {
  server.reset();
  server.answers = {
    "GET /api/engine": {
      strategies: [],
      proxies: [
        { name: "zico", title: "ZiCo", about: "About it." },
        { name: "params", title: "Parameters", about: "" },
      ],
    },
    "GET /api/datasets": pageOf([
      { name: "digits", kind: "image", title: "Handwritten digits" },
      { name: "leaves", kind: "image", title: "Leaves" },
    ]),
    "GET /api/architectures/scores": ({ params }: { params?: { query?: { dataset?: string } } }) => ({
      datasets: [
        { name: "digits", architectures: 6 },
        { name: "leaves", architectures: 1 },
      ],
      dataset: params?.query?.dataset ?? "digits",
      given: { batch_size: 16, batches: 2, side: 64, seed: 0 },
      proxies: [
        { proxy: "zico", architectures: 6, both: 5, tau: 0.8 },
        { proxy: "params", architectures: 6, both: 4, tau: null },
      ],
    }),
    "GET /api/architectures/facets": { tag: [] },
    [LIST]: pageOf([row("a", { zico: 123.4567, params: 1_234_567 }, 0.973), row("b", { params: 9 }, null)]),
  };
});

it("has a column for each proxy beside the costs and the accuracy after training", async () => {
  renderPage(ByProxy, "/catalog/proxies");
  const first = await screen.findByRole("row", { name: /cell a/ });
  for (const text of ["50.1\u202fk", "123.5", "1.235\u202fM", "97.3%"])
    expect(first.textContent).toContain(text);
  expect(queries()).toEqual([{ sort: "-created_at", page: 1, scored_on: "digits" }]);
  const heads = screen.getAllByRole("columnheader").map(({ textContent }) => textContent);
  expect(heads).toContain("ZiCo");
  expect(heads).toContain("Parameters (score)");
});

it("is sorted by a proxy, the best first", async () => {
  const router = renderPage(ByProxy, "/catalog/proxies");
  fireEvent.click(await screen.findByRole("button", { name: "ZiCo" }));
  await waitFor(() => expect(router.state.location.search).toBe("?sort=-score_zico"));
  await waitFor(() =>
    expect(queries()).toContainEqual({ sort: "-score_zico", page: 1, scored_on: "digits" }),
  );
});

it("shows how each proxy ranks what was trained, where enough was", async () => {
  renderPage(ByProxy, "/catalog/proxies");
  const ranks = within(await screen.findByRole("table", { name: /^Rank correlation/ }));
  const cells = (name: RegExp) =>
    within(ranks.getByRole("row", { name }))
      .getAllByRole("cell")
      .map(({ textContent }) => textContent);
  await ranks.findByRole("row", { name: /ZiCo/ });
  expect(cells(/ZiCo/)).toEqual(["0.80", "5 of 6"]);
  expect(cells(/Parameters/)).toEqual(["–", "4 of 6"]);
  expect(screen.getByText(/^Scores by 2 batches of 16 images at 64 pixels, seed 0,/)).toBeTruthy();
});

it("is about the dataset that was chosen, which the URL has", async () => {
  const router = renderPage(ByProxy, "/catalog/proxies?page=2", "/catalog/proxies");
  const data = await screen.findByRole<HTMLSelectElement>("combobox", { name: "Scores on" });
  await within(data).findByRole("option", { name: "Leaves" });
  fireEvent.change(data, { target: { value: "leaves" } });
  await waitFor(() => expect(router.state.location.search).toBe("?scored_on=leaves"));
  await waitFor(() =>
    expect(queries()).toContainEqual({ sort: "-created_at", page: 1, scored_on: "leaves" }),
  );
});

it("says what to do where nothing was scored", async () => {
  server.answers["GET /api/architectures/scores"] = { datasets: [], dataset: null, given: null, proxies: [] };
  renderPage(ByProxy, "/catalog/proxies");
  expect(await screen.findByText(/^No architecture was scored yet/)).toBeTruthy();
  expect(queries()).toEqual([]);
});
