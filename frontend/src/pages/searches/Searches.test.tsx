import { screen } from "@testing-library/react";
import { afterEach, describe, expect, it, vi } from "vitest";
import { ErrorAnswer, renderPage, server } from "../../testing/fakeServer";

vi.mock("../../api/client", async (original) => ({
  ...(await original<typeof import("../../api/client")>()),
  api: (await import("../../testing/fakeServer")).server.api,
}));

const { Component } = await import("./Searches");

const row = {
  id: "s1",
  name: "Porch camera",
  status: "running",
  strategy: "autoshrink",
  dataset: "digits",
  created_at: "2026-11-24T10:00:00Z",
  created_by: "Yan",
  seq: 12,
  step: 3,
  edges: 25,
  cost: { params: 120_000, params_no_bn: 1, macs: 1, peak_memory: { io: 1, live: 1, optimal: null } },
  budget: { params: 90_000, macs: null, peak_memory: null, bytes_per_element: 4 },
  best_quality: 0.971,
};
const page = (results: object[], count = results.length) => ({ count, next: null, previous: null, results });

afterEach(() => server.reset());

describe("the list of searches", () => {
  it("shows name, status and use of limits of each search", async () => {
    server.answers["GET /api/searches"] = page([row]);
    renderPage(Component, "/searches");
    expect((await screen.findByRole("link", { name: "Porch camera" })).getAttribute("href")).toBe(
      "/searches/s1",
    );
    expect(screen.getByText("Running")).toBeTruthy();
    expect(screen.getByText("120 k, limit 90 k")).toBeTruthy();
    expect(screen.getByText("97.1%")).toBeTruthy();
  });

  it("says so when there is none yet", async () => {
    server.answers["GET /api/searches"] = page([]);
    renderPage(Component, "/searches");
    expect(await screen.findByText(/No searches yet/)).toBeTruthy();
  });

  it("uses the server's pagination", async () => {
    server.answers["GET /api/searches"] = { ...page([row], 41), next: "more" };
    renderPage(Component, "/searches?page=2", "/searches");
    await screen.findByText("Page 2 of 3");
    expect(server.requests.find((a) => a.what === "GET /api/searches")?.params?.query).toEqual({
      page: 2,
      page_size: 20,
    });
  });

  it("offers to retry when loading fails", async () => {
    server.answers["GET /api/searches"] = new ErrorAnswer(503, []);
    renderPage(Component, "/searches");
    expect(await screen.findByRole("button", { name: "Try again" }, { timeout: 5_000 })).toBeTruthy();
  });
});
