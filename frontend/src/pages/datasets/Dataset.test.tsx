import { fireEvent, screen, waitFor, within } from "@testing-library/react";
import { beforeEach, expect, it, vi } from "vitest";
import type { DatasetDetail } from "../../api/types";
import { renderPage, server } from "../../testing/fakeServer";
import { classRows } from "./Classes";
import { Component as Dataset } from "./Dataset";

vi.mock("../../api/client", async (original) => ({
  ...(await original<typeof import("../../api/client")>()),
  api: (await import("../../testing/fakeServer")).server.api,
}));

const pets: DatasetDetail = {
  name: "d1",
  kind: "image",
  shape: [3, 32, 32],
  classes: 2,
  vocabulary: null,
  counts: { train: 60, validation: 14, test: 14 },
  split: "ab".repeat(32),
  title: "Pets",
  about: "88 colour images.",
  uploaded: true,
  owner: { id: "1", name: "Ada" },
  tags: [],
  archived: false,
  notes: "",
  created_at: "2026-11-24T10:00:00Z",
  class_names: ["cat", "dog"],
  class_counts: [
    { train: 40, validation: 10, test: 10 },
    { train: 20, validation: 4, test: 4 },
  ],
  split_given: false,
  content: "cd".repeat(32),
  excerpt: null,
  sample: { columns: 8, tile: 64, images: [{ class: "cat" }, { class: "cat" }, { class: "dog" }] },
  origin: { file: "pets.zip", bytes: 1_200_000, format: "zip", left_out: 2 },
  used_by: { searches: 1, models: 0 },
};

beforeEach(() => {
  server.reset();
  server.answers = { "GET /api/datasets/{id}": pets };
});

const opened = () => renderPage(Dataset, "/datasets/d1", "/datasets/:name");

it("shows a text without classes or pictures", async () => {
  const none = { shape: null, classes: null, class_names: [], class_counts: [], sample: null, origin: null };
  const text: DatasetDetail = { ...pets, ...none, kind: "text", vocabulary: 2_000 };
  server.answers = { "GET /api/datasets/{id}": text };
  opened();
  expect(await screen.findByText("2,000")).toBeTruthy();
  expect(screen.getByText("words in the vocabulary")).toBeTruthy();
  expect(screen.getByText("tokens")).toBeTruthy();
  expect(screen.queryByRole("table")).toBeNull();
});

it("shows each class with its images, its number and its split", async () => {
  opened();
  const row = await screen.findByRole("row", { name: /dog/ });
  expect(within(row).getByRole("img", { name: "1 image of dog" })).toBeTruthy();
  expect(row.textContent).toContain("20 train, 4 validation, 4 test");
  expect(within(row).getAllByRole("cell").at(-1)?.textContent).toBe("28");
});

it("finds a class's tiles in the contact sheet", () => {
  expect(classRows(pets).map(({ tiles }) => tiles)).toEqual([[0, 1], [2]]);
});

it("shows origin, split and use", async () => {
  opened();
  const about = await screen.findByRole("complementary", { name: "About this dataset" });
  for (const text of ["by content hash", "pets.zip", "1.14\u202fMiB, zip", "2 files", "Ada", "1 search"])
    expect(about.textContent).toContain(text);
});

it("links to a new search on it", async () => {
  opened();
  const link = await screen.findByRole("link", { name: "New search with this dataset" });
  expect(link.getAttribute("href")).toBe("/searches/new?dataset=d1");
});

it("deletes it after asking, and goes back to the list", async () => {
  server.answers["DELETE /api/datasets/{id}"] = { until: "2026-11-25T10:00:00Z" };
  const router = opened();
  fireEvent.click(await screen.findByRole("button", { name: "Edit" }));
  fireEvent.click(screen.getByRole("button", { name: "Delete…" }));
  expect(server.requests.some(({ what }) => what.startsWith("DELETE"))).toBe(false);
  fireEvent.click(within(screen.getByRole("dialog")).getByRole("button", { name: "Delete" }));
  await waitFor(() => expect(router.state.location.pathname).toBe("/datasets"));
});

it("cannot be changed if it is built in", async () => {
  server.answers["GET /api/datasets/{id}"] = { ...pets, uploaded: false, origin: null };
  opened();
  await screen.findByRole("link", { name: "New search with this dataset" });
  expect(screen.queryByRole("button", { name: "Edit" })).toBeNull();
});

it("shows how a text begins, and counts in tokens and words", async () => {
  server.answers["GET /api/datasets/{id}"] = {
    ...pets,
    kind: "text",
    shape: null,
    classes: null,
    vocabulary: 7_002,
    counts: { train: 88_832, validation: 7_060, test: 6_642 },
    class_names: [],
    class_counts: [],
    sample: null,
    excerpt: "no it was <unk> <eos>",
    origin: { file: "ptb.tar.gz", bytes: 1_000, format: "tar.gz", left_out: 0, tokens: "blanks" },
  };
  opened();
  expect(await screen.findByText("no it was <unk> <eos>")).toBeTruthy();
  expect(screen.getByText("102,534")).toBeTruthy();
  expect(screen.getByText("tokens")).toBeTruthy();
  expect(screen.getByText("words in the vocabulary")).toBeTruthy();
  expect(screen.getByText("separated by spaces")).toBeTruthy();
  expect(screen.queryByText(/class/)).toBeNull();
});
