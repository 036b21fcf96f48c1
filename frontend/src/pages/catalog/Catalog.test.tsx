import { fireEvent, screen, waitFor, within } from "@testing-library/react";
import { beforeEach, describe, expect, it, vi } from "vitest";
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

describe("two rows to compare", () => {
  const box = (name: string) => screen.getByRole<HTMLInputElement>("checkbox", { name: `Compare ${name}` });
  beforeEach(() => {
    server.answers[LIST] = listed(row("a"), row("b"), row("c"));
  });

  it("are chosen by checkboxes, at most two, and named in a link", async () => {
    const router = renderPage(Catalog, "/catalog?text=cell");
    fireEvent.click(await screen.findByRole("checkbox", { name: "Compare cell b" }));
    const bar = await screen.findByRole("region", { name: "Comparison" });
    expect(bar.textContent).toContain("Choose one more to compare: cell b");
    expect(within(bar).queryByRole("link")).toBeNull();
    fireEvent.click(box("cell a"));
    await waitFor(() => expect(router.state.location.search).toBe("?text=cell&compare=b&compare=a"));
    const link = within(screen.getByRole("region", { name: "Comparison" })).getByRole("link");
    expect(link.getAttribute("href")).toBe("/catalog/compare?a=b&b=a");
    expect([box("cell a"), box("cell b"), box("cell c")].map(({ disabled }) => disabled)).toEqual([
      false,
      false,
      true,
    ]);
    fireEvent.click(box("cell b"));
    await waitFor(() => expect(box("cell c").disabled).toBe(false));
  });

  it("stay chosen on other pages of the list, and can be cleared", async () => {
    const router = renderPage(Catalog, "/catalog?compare=a&compare=elsewhere", "/catalog");
    const bar = await screen.findByRole("region", { name: "Comparison" });
    await waitFor(() => expect(bar.textContent).toContain("cell a and one that is not on this page"));
    const asked = server.requests.filter(({ what }) => what === LIST);
    expect(asked.some(({ params }) => params?.query && "compare" in params.query)).toBe(false);
    fireEvent.click(within(bar).getByRole("button", { name: "Clear" }));
    await waitFor(() => expect(router.state.location.search).toBe(""));
  });
});

describe("the filter “Fits device”", () => {
  const budget = { params: 1_048_576, macs: null, peak_memory: 327_680, bytes_per_element: 1 };
  const query = { max_params: "1048576", max_peak_memory: "327680", bytes_per_element: "1" };
  const words =
    "Remove the filter At most 1,048,576 parameters and 320\u202fKiB of peak memory with int8 activations";
  beforeEach(() => {
    server.answers["GET /api/engine"] = {
      strategies: [],
      device_profiles: [{ name: "board", title: "Board", budget }],
    };
  });

  it("asks for what fits its limits, which the URL has and a chip names", async () => {
    const router = renderPage(Catalog, "/catalog");
    await screen.findByRole("option", { name: "Fits Board" });
    fireEvent.change(screen.getByRole("combobox", { name: "Fits device" }), { target: { value: "board" } });
    await waitFor(() =>
      expect(Object.fromEntries(new URLSearchParams(router.state.location.search))).toEqual(query),
    );
    const asked = (what: string) =>
      server.requests.filter((each) => each.what === what).map(({ params }) => params?.query);
    await waitFor(() => expect(asked(LIST)).toContainEqual({ ...query, sort: "-created_at", page: 1 }));
    expect(asked(`${LIST}/facets`)).toContainEqual(query);
    fireEvent.click(screen.getByRole("button", { name: words }));
    await waitFor(() => expect(router.state.location.search).toBe(""));
  });

  it("shows limits of a link that no device has", async () => {
    renderPage(Catalog, "/catalog?max_params=500", "/catalog");
    const select = await screen.findByRole<HTMLSelectElement>("combobox", { name: "Fits device" });
    expect(select.selectedOptions[0]?.textContent).toBe("Other limits");
    expect(screen.getByRole("button", { name: "Remove the filter At most 500 parameters" })).toBeTruthy();
  });
});

it("says in which precision memory is counted where it is not that of exported files", async () => {
  server.answers[LIST] = listed(row("a"), row("b", { bytes_per_element: 1 }));
  renderPage(Catalog, "/catalog");
  const text = async (name: RegExp) => (await screen.findByRole("row", { name })).textContent;
  expect(await text(/cell b/)).toContain("80\u202fKiB int8");
  expect(await text(/cell a/)).not.toContain("float32");
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
