import { fireEvent, screen, waitFor, within } from "@testing-library/react";
import { beforeEach, expect, it, vi } from "vitest";
import type { Dataset, Upload } from "../../api/types";
import { ErrorAnswer, pageOf, renderPage, server } from "../../testing/fakeServer";
import { browserTransport } from "../../upload/browserTransport";
import { Refused } from "../../upload/transport";
import { windowUploads } from "../../upload/useUploads";
import { Component as Datasets } from "./Datasets";

vi.mock("../../api/client", async (original) => ({
  ...(await original<typeof import("../../api/client")>()),
  api: (await import("../../testing/fakeServer")).server.api,
}));
vi.mock("../../upload/browserTransport", () => ({
  browserTransport: { create: vi.fn(), read: vi.fn(), put: vi.fn(), finish: vi.fn(), cancel: vi.fn() },
}));
const transport = vi.mocked(browserTransport);

const dataset = (over: Partial<Dataset> = {}): Dataset => ({
  name: "digits",
  kind: "image",
  shape: [1, 8, 8],
  classes: 10,
  vocabulary: null,
  counts: { train: 1259, validation: 269, test: 269 },
  split: "",
  title: "Handwritten digits",
  about: "",
  uploaded: false,
  owner: null,
  tags: [],
  archived: false,
  created_at: null,
  ...over,
});
const upload = (over: Partial<Upload> = {}): Upload => ({
  id: "u1",
  name: "pets.zip",
  title: "pets",
  bytes: 4,
  modified: null,
  received: 0,
  part_bytes: 4,
  options: { side: null },
  status: "receiving",
  why: "",
  dataset: null,
  progress: null,
  created_at: "2026-11-24T10:00:00Z",
  created_by: "Ada",
  ...over,
});

beforeEach(() => {
  server.reset();
  vi.resetAllMocks();
  server.answers = { "GET /api/datasets": pageOf([dataset()]), "GET /api/uploads": [] };
});

it("shows the words and tokens of a text", async () => {
  const text = dataset({ name: "novel", kind: "text", shape: null, classes: null, vocabulary: 2_000 });
  server.answers["GET /api/datasets"] = pageOf([text]);
  renderPage(Datasets, "/datasets");
  expect(await screen.findByText("2,000 words")).toBeTruthy();
  expect(screen.getByText(/tokens$/)).toBeTruthy();
  expect(screen.queryByText(/classes$/)).toBeNull();
});

async function chosen(file = new File(["data"], "pets.zip")) {
  const input = await screen.findByLabelText<HTMLInputElement>(/Drop a file here/);
  Object.defineProperty(input, "files", { value: [file], configurable: true });
  fireEvent.change(input);
}

it("lists built-in and uploaded datasets", async () => {
  const uploaded = dataset({
    name: "d1",
    title: "Pets",
    uploaded: true,
    owner: { id: "1", name: "Ada" },
    shape: [3, 32, 32],
  });
  server.answers["GET /api/datasets"] = pageOf([dataset(), uploaded]);
  renderPage(Datasets, "/datasets");
  await screen.findByRole("link", { name: "Pets" });
  const [, ...rows] = screen.getAllByRole("row");
  expect(rows.map((row) => within(row).getByRole("link").getAttribute("href"))).toEqual([
    "/datasets/digits",
    "/datasets/d1",
  ]);
  expect(rows[0]?.textContent).toContain("Built in");
  expect(rows[1]?.textContent).toContain("Ada");
  expect(rows[1]?.textContent).toContain("Images, 32 px, color");
  expect(rows[1]?.textContent).toContain("1,259 train, 269 validation, 269 test");
});

it("sends a chosen file with the given title and side", async () => {
  transport.create.mockResolvedValue(upload());
  transport.read.mockResolvedValue(upload());
  transport.put.mockResolvedValue(upload({ received: 4 }));
  transport.finish.mockImplementation(async () => {
    server.answers["GET /api/uploads"] = [upload({ received: 4, status: "waiting" })];
    return upload({ received: 4, status: "waiting" });
  });
  renderPage(Datasets, "/datasets");
  await chosen();
  expect(screen.getByRole<HTMLInputElement>("textbox", { name: "Title" }).value).toBe("pets");
  fireEvent.change(screen.getByRole("textbox", { name: "Title" }), { target: { value: "Our pets" } });
  fireEvent.change(screen.getByRole("textbox", { name: "Resize to" }), { target: { value: "32" } });
  fireEvent.click(screen.getByRole("button", { name: "Upload" }));
  const row = await screen.findByText(/Uploaded. Waiting for a worker/);
  expect(row).toBeTruthy();
  expect(transport.create.mock.lastCall).toEqual([
    {
      name: "pets.zip",
      bytes: 4,
      modified: expect.any(Number),
      title: "Our pets",
      holds: "images",
      side: 32,
    },
  ]);
  expect(transport.put.mock.lastCall?.[1]).toBe(0);
});

it("shows the server's message if a file is refused before sending, and keeps what was typed", async () => {
  transport.create.mockRejectedValue(new Refused(413, "The file has 4 bytes, and at most 3 may come."));
  renderPage(Datasets, "/datasets");
  await chosen();
  fireEvent.click(screen.getByRole("button", { name: "Upload" }));
  expect((await screen.findByRole("alert")).textContent).toContain("at most 3 may come");
  expect(screen.getByRole<HTMLInputElement>("textbox", { name: "Title" }).value).toBe("pets");
});

it("sends a text with its tokens and vocabulary", async () => {
  transport.create.mockResolvedValue(upload());
  transport.read.mockResolvedValue(upload());
  transport.put.mockResolvedValue(upload({ received: 4 }));
  transport.finish.mockResolvedValue(upload({ received: 4, status: "waiting" }));
  renderPage(Datasets, "/datasets");
  await chosen(new File(["data"], "novel.txt"));
  expect(screen.queryByRole("textbox", { name: "Resize to" })).toBeNull();
  fireEvent.change(screen.getByRole("combobox", { name: "Tokens" }), { target: { value: "words" } });
  fireEvent.change(screen.getByRole("textbox", { name: "Vocabulary" }), { target: { value: "2000" } });
  fireEvent.click(screen.getByRole("button", { name: "Upload" }));
  const requests = {
    name: "novel.txt",
    bytes: 4,
    modified: expect.any(Number),
    title: "novel",
    holds: "text",
    tokens: "words",
    vocabulary: 2_000,
  };
  await waitFor(() => expect(transport.create.mock.lastCall).toEqual([requests]));
});

it("asks what an archive holds", async () => {
  renderPage(Datasets, "/datasets");
  await chosen(new File(["data"], "ptb.tar.gz"));
  fireEvent.change(screen.getByRole("combobox", { name: "Content" }), { target: { value: "text" } });
  expect(screen.getByRole("combobox", { name: "Tokens" })).toBeTruthy();
  expect(screen.queryByRole("textbox", { name: "Resize to" })).toBeNull();
});

it("does not send a side that is not a number", async () => {
  renderPage(Datasets, "/datasets");
  await chosen();
  fireEvent.change(screen.getByRole("textbox", { name: "Resize to" }), { target: { value: "big" } });
  fireEvent.click(screen.getByRole("button", { name: "Upload" }));
  expect(document.activeElement).toBe(screen.getByRole("textbox", { name: "Resize to" }));
  expect(transport.create).not.toHaveBeenCalled();
});

it("offers to resume an interrupted upload of the same file", async () => {
  const left = upload({ id: "u2", received: 2 });
  server.answers["GET /api/uploads"] = [left];
  transport.read.mockResolvedValue(left);
  transport.put.mockResolvedValue({ ...left, received: 4 });
  transport.finish.mockResolvedValue({ ...left, status: "waiting" });
  renderPage(Datasets, "/datasets");
  await screen.findByText(/2 B of 4 B received/);
  await chosen();
  fireEvent.click(screen.getByRole("button", { name: "Continue" }));
  await waitFor(() => expect(windowUploads.snapshot().get("u2")?.phase).toBe("sent"));
  expect(transport.create).not.toHaveBeenCalled();
  expect(transport.put.mock.lastCall?.slice(0, 2)).toEqual(["u2", 2]);
});

it("says why one was refused, and dismisses it", async () => {
  const why = "There is one class, “cat”. Two at least are needed: put each class into a folder of its own.";
  server.answers["GET /api/uploads"] = [upload({ id: "u3", status: "refused", why })];
  transport.cancel.mockImplementation(async () => {
    server.answers["GET /api/uploads"] = [];
  });
  renderPage(Datasets, "/datasets");
  expect(await screen.findByText(why)).toBeTruthy();
  fireEvent.click(screen.getByRole("button", { name: "Dismiss" }));
  await waitFor(() => expect(screen.queryByText(why)).toBeNull());
  expect(transport.cancel.mock.lastCall).toEqual(["u3"]);
});

it("asks before it cancels one in progress", async () => {
  server.answers["GET /api/uploads"] = [upload({ id: "u4" })];
  renderPage(Datasets, "/datasets");
  fireEvent.click(await screen.findByRole("button", { name: "Cancel" }));
  expect(transport.cancel).not.toHaveBeenCalled();
  fireEvent.click(screen.getByRole("button", { name: "Cancel upload" }));
  await waitFor(() => expect(transport.cancel.mock.lastCall).toEqual(["u4"]));
});

it("says that the list could not be loaded, and can be reloaded", async () => {
  server.answers["GET /api/datasets"] = new ErrorAnswer(503, [
    { code: "unavailable", detail: "The database rests.", attr: null },
  ]);
  renderPage(Datasets, "/datasets");
  expect((await screen.findByRole("alert")).textContent).toContain("The database rests.");
  server.answers["GET /api/datasets"] = pageOf([dataset()]);
  fireEvent.click(screen.getByRole("button", { name: "Try again" }));
  expect(await screen.findByRole("link", { name: "Handwritten digits" })).toBeTruthy();
});

it("takes no file from a read-only user", async () => {
  server.answers["GET /api/me"] = { may_change: false };
  server.answers["GET /api/uploads"] = [upload()];
  renderPage(Datasets, "/datasets");
  const input = await screen.findByLabelText<HTMLInputElement>("You have view-only access.");
  expect(input.disabled).toBe(true);
  const button = (name: string) => screen.getByRole<HTMLButtonElement>("button", { name });
  expect(button("Upload a dataset").disabled).toBe(true);
  expect((await screen.findByRole<HTMLButtonElement>("button", { name: "Cancel" })).disabled).toBe(true);
  expect(screen.queryByLabelText(/again to continue$/)).toBeNull();
  const dropped = new Event("drop", { cancelable: true });
  const dataTransfer = { types: ["Files"], items: [], files: [new File(["data"], "pets.zip")] };
  fireEvent(window, Object.assign(dropped, { dataTransfer }));
  expect(dropped.defaultPrevented).toBe(true);
  expect(screen.queryByRole("button", { name: "Upload" })).toBeNull();
});
