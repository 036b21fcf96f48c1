import { fireEvent, screen, waitFor, within } from "@testing-library/react";
import { beforeEach, describe, expect, it, vi } from "vitest";
import type { ArchitectureDetail } from "../../api/types";
import { architecture, cell } from "../../testing/architecture";
import { ErrorAnswer, type FakeRequest, renderPage, server } from "../../testing/fakeServer";
import { Component as Compare } from "./Compare";

vi.mock("../../api/client", async (original) => ({
  ...(await original<typeof import("../../api/client")>()),
  api: (await import("../../testing/fakeServer")).server.api,
}));

const ONE = "GET /api/architectures/{id}";
const known: Record<string, ArchitectureDetail> = {};

beforeEach(() => {
  server.reset();
  known.a = architecture();
  known.b = architecture({
    id: "b",
    name: "Birch",
    hash: "hash of b",
    val_accuracy: 0.84,
    cost: { ...architecture().cost, params: 900 },
    graph: cell(["0-1", "1-2", "0-3"], { 1: "conv1" }),
  });
  server.answers = {
    "GET /api/engine": { strategies: [] },
    "GET /api/architectures/{id}/measurements": [],
    [ONE]: ({ params }: FakeRequest) => known[String(params?.path?.id)] ?? new ErrorAnswer(404, []),
  };
});

const at = (query: string) => renderPage(Compare, `/catalog/compare${query}`, "/catalog/compare");
const choose = () => screen.getByRole("link", { name: "Choose in the catalog" }).getAttribute("href");

describe("a comparison", () => {
  it("shows each figure of both, the difference, and which one is better in words", async () => {
    at("?a=a&b=b");
    expect(await screen.findByRole("heading", { level: 1, name: "Compare Alder and Birch" })).toBeTruthy();
    expect(document.title).toContain("Compare Alder and Birch");
    const row = screen.getByRole("row", { name: /^Parameters/ });
    const cells = within(row).getAllByRole("cell");
    expect(cells.map(({ textContent }) => textContent)).toEqual([
      "1\u202fk",
      "900",
      "−100 (−10.0%)",
      "B, lower",
    ]);
    expect(screen.getByRole("row", { name: /^Validation accuracy/ }).textContent).toContain("B, higher");
    expect(screen.getByRole("link", { name: "Birch" }).getAttribute("href")).toBe("/architectures/b");
    expect(await screen.findByText(/Neither has a measured latency/)).toBeTruthy();
  });

  it("says what differs in the cells of one search", async () => {
    at("?a=a&b=b");
    expect(
      await screen.findByText(
        "2 edges in both, 1 only in A and 1 only in B; 1 node is in one only and 1 node has another operation.",
      ),
    ).toBeTruthy();
    const text = (title: string) => screen.getByText(title).nextElementSibling?.textContent;
    expect(text("Edges only in A")).toBe("0→2");
    expect(text("Edges only in B")).toBe("0→3");
    expect(text("Nodes only in A")).toBe("none");
    expect(text("Nodes only in B")).toBe("3 (sep3)");
    expect(text("Other operations")).toBe("node 1: sep3 in A, conv1 in B");
    expect(screen.getByText("The same for both.")).toBeTruthy(); // the network around the cell
  });

  it("says so where the cells cannot be compared place by place, and counts operations", async () => {
    Object.assign(known.b as object, { search: "s2", space: { name: "cnn", settings: { nodes: 8 } } });
    at("?a=a&b=b");
    expect(await screen.findByText(/from one search space with different settings/)).toBeTruthy();
    expect(screen.queryByText("Edges only in A")).toBeNull();
    const row = screen.getByRole("row", { name: /^conv1/ });
    expect(
      within(row)
        .getAllByRole("cell")
        .map(({ textContent }) => textContent),
    ).toEqual(["0", "1"]);
  });

  it("can be swapped, in the link too", async () => {
    const router = at("?a=a&b=b");
    fireEvent.click(await screen.findByRole("link", { name: "Swap A and B" }));
    await waitFor(() => expect(router.state.location.search).toBe("?a=b&b=a"));
    const row = await screen.findByRole("row", { name: /^Parameters/ });
    expect(row.textContent).toContain("A, lower");
  });
});

describe("a link", () => {
  it("to one that is not there says which, and leads back with the other chosen", async () => {
    at("?a=a&b=lost");
    const alert = await screen.findByRole("alert");
    expect(alert.textContent).toContain("Architecture B of this link was not found.");
    expect(choose()).toBe("/catalog?compare=a");
  });

  it("to two that are not there leads back to the catalog", async () => {
    at("?a=gone&b=lost");
    await waitFor(() => expect(screen.getAllByRole("alert")).toHaveLength(2));
    expect(choose()).toBe("/catalog");
  });

  it.each([
    [
      "?a=a",
      "This link names one architecture. Choose a second one to compare it with.",
      "/catalog?compare=a",
    ],
    [
      "?b=b",
      "This link names one architecture. Choose a second one to compare it with.",
      "/catalog?compare=b",
    ],
    [
      "?a=a&b=a",
      "This link compares an architecture with itself. Choose another one to compare it with.",
      "/catalog?compare=a",
    ],
    ["", "Choose two architectures to compare.", "/catalog"],
  ])("%s asks for another one", (query, words, back) => {
    at(query);
    expect(screen.getByText(words)).toBeTruthy();
    expect(choose()).toBe(back);
    expect(server.requests.filter(({ what }) => what === ONE)).toEqual([]);
  });

  it("that fails for another reason can be tried again", async () => {
    server.answers[ONE] = new ErrorAnswer(503, [
      { code: "unavailable", detail: "The database rests.", attr: null },
    ]);
    at("?a=a&b=b");
    const [first] = await screen.findAllByRole("button", { name: "Try again" });
    server.answers[ONE] = ({ params }: FakeRequest) => known[String(params?.path?.id)];
    for (const again of screen.getAllByRole("button", { name: "Try again" })) fireEvent.click(again);
    expect(first).toBeTruthy();
    expect(await screen.findByRole("heading", { level: 1, name: "Compare Alder and Birch" })).toBeTruthy();
  });
});
