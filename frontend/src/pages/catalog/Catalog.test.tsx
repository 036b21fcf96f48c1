import { fireEvent, screen, waitFor, within } from "@testing-library/react";
import { beforeEach, expect, it, vi } from "vitest";
import type { ArchitectureRow } from "../../api/types";
import { ErrorAnswer, type FakeRequest, renderPage, server } from "../../testing/fakeServer";
import { Component as Catalog } from "./Catalog";

vi.mock("../../api/client", async (original) => ({
  ...(await original<typeof import("../../api/client")>()),
  api: (await import("../../testing/fakeServer")).server.api,
}));

const row = (id: string, over: Partial<ArchitectureRow> = {}): ArchitectureRow => ({
  id,
  name: `cell ${id}`,
  kind: "found",
  source: "",
  strategy: "autoshrink",
  dataset: "digits",
  nodes: 2,
  edges: 1,
  bytes_per_element: 4,
  cost: {
    params: 50_100,
    params_no_bn: 9,
    macs: 9_180_000,
    peak_memory: { io: 1, live: 81_920, optimal: null, exact: true },
    latency: null,
  },
  val_accuracy: 0.791,
  created_at: "2026-11-20T10:00:00Z",
  search: "s1",
  published_accuracy: null,
  metric: "accuracy",
  val_perplexity: null,
  published_perplexity: null,
  trained: 0,
  best_trained: null,
  hash: "h",
  alike: 0,
  owner: null,
  tags: [],
  archived: false,
  graph: {
    nodes: [
      { id: 0, op: "input", rank: 0 },
      { id: 1, op: "sep3", rank: 1 },
    ],
    edges: [{ id: "0-1", source: 0, target: 1 }],
  },
  ...over,
});
const LIST = "GET /api/architectures";
const listed = (...results: ArchitectureRow[]) => ({
  count: results.length,
  next: null,
  previous: null,
  results,
});

beforeEach(() => {
  server.reset();
  server.answers = {
    "GET /api/engine": { strategies: [{ name: "autoshrink", title: "AutoShrink" }] },
    [LIST]: listed(
      row("a"),
      row("p", { kind: "published", source: "AAAI 2020", published_accuracy: 0.739, search: null }),
    ),
  };
});

it("lists architectures with their costs, and marks what was published and where", async () => {
  renderPage(Catalog, "/catalog");
  const found = await screen.findByRole("row", { name: /cell a/ });
  for (const text of ["50.1\u202fk", "9.18\u202fM", "80\u202fKiB", "79.1%", "AutoShrink"])
    expect(found.textContent).toContain(text);
  const published = screen.getByRole("row", { name: /cell p/ });
  for (const text of ["published", "73.9%", "as published", "AAAI 2020"])
    expect(published.textContent).toContain(text);
});

it("keeps order and search in the URL, and sends them to the server", async () => {
  const router = renderPage(Catalog, "/catalog?text=cell");
  const head = await screen.findByRole("columnheader", { name: /^MACs/ });
  fireEvent.click(within(head).getByRole("button", { name: /^MACs/ }));
  await waitFor(() => expect(router.state.location.search).toBe("?text=cell&sort=macs"));
  await waitFor(() => {
    const requests = server.requests.map(({ params }: FakeRequest) => params?.query);
    expect(requests).toContainEqual({ page: 1, sort: "macs", text: "cell" });
  });
  expect(screen.getByRole("columnheader", { name: /MACs/ }).getAttribute("aria-sort")).toBe("ascending");
});

it("asks once for the best rows of its chart", async () => {
  const facets = { dataset: [{ value: "novel", name: "A novel", count: 9 }] };
  server.answers["GET /api/architectures/facets"] = facets;
  server.answers["GET /api/datasets"] = listed({ name: "novel", kind: "text" } as never);
  renderPage(Catalog, "/catalog");
  const asked = () =>
    server.requests.filter(({ what, params }) => what === LIST && params?.query?.page_size === 200);
  await waitFor(() => expect(asked().map(({ params }) => params?.query?.sort)).toEqual(["perplexity"]));
});

it("says what to do if the catalog is empty", async () => {
  server.answers[LIST] = listed();
  renderPage(Catalog, "/catalog");
  expect(await screen.findByRole("link", { name: "New search" })).toBeTruthy();
});

it("links to the architectures with the same cell, and back to all", async () => {
  server.answers[LIST] = listed(row("a", { alike: 2, hash: "abc" }));
  const router = renderPage(Catalog, "/catalog");
  const link = await screen.findByRole("link", { name: "2 alike" });
  fireEvent.click(link);
  await waitFor(() => expect(router.state.location.search).toBe("?hash=abc"));
  await waitFor(() =>
    expect(server.requests.some(({ params }) => params?.query?.hash?.toString() === "abc")).toBe(true),
  );
  fireEvent.click(await screen.findByRole("button", { name: "Remove the filter The same cell" }));
  await waitFor(() => expect(router.state.location.search).toBe(""));
});

it("shows the trained result beside that of the search", async () => {
  const best_trained = {
    model: "m1",
    dataset: "digits",
    val_accuracy: 0.97,
    test_accuracy: 0.981,
    val_perplexity: null,
    test_perplexity: null,
  };
  server.answers[LIST] = listed(row("a", { best_trained, trained: 1 }));
  renderPage(Catalog, "/catalog");
  expect((await screen.findByRole("row", { name: /cell a/ })).textContent).toContain("trained 98.1% test");
});

it("never has a perplexity under “Accuracy” without saying so", async () => {
  const text = row("t", { metric: "perplexity", val_accuracy: null, val_perplexity: 135.9 });
  server.answers[LIST] = listed(row("a"), text);
  renderPage(Catalog, "/catalog");
  expect((await screen.findByRole("row", { name: /cell t/ })).textContent).toContain("135.9 perplexity");
  const head = screen.getByRole("columnheader", { name: /Accuracy/ });
  fireEvent.click(within(head).getByRole("button", { name: "Perplexity" }));
  await waitFor(() =>
    expect(server.requests.map(({ params }) => params?.query?.sort)).toContain("perplexity"),
  );
});

it("says that it could not be loaded, and can be reloaded", async () => {
  server.answers[LIST] = new ErrorAnswer(503, [
    { code: "unavailable", detail: "The database rests.", attr: null },
  ]);
  renderPage(Catalog, "/catalog");
  expect((await screen.findByRole("alert")).textContent).toContain("The database rests.");
  server.answers[LIST] = listed(row("a"));
  fireEvent.click(screen.getByRole("button", { name: "Try again" }));
  expect(await screen.findByRole("link", { name: "cell a" })).toBeTruthy();
});
