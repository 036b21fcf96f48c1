import { fireEvent, screen, waitFor } from "@testing-library/react";
import { afterEach, describe, expect, it, vi } from "vitest";
import { ErrorAnswer, pageOf, renderPage, server } from "../../testing/fakeServer";
import { LogBuilder } from "../../testing/logBuilder";

vi.mock("../../api/client", async (original) => ({
  ...(await original<typeof import("../../api/client")>()),
  api: (await import("../../testing/fakeServer")).server.api,
}));

const { Component } = await import("./Searches");
const { describeGroup } = await import("./GroupSummary");

const row = {
  id: "s1",
  name: "Porch camera",
  status: "running",
  strategy: "autoshrink",
  dataset: "digits",
  created_at: "2026-11-24T10:00:00Z",
  owner: { id: "1", name: "Yan" },
  tags: [],
  archived: false,
  seq: 12,
  step: 3,
  edges: 25,
  cost: { params: 120_000, params_no_bn: 1, macs: 1, peak_memory: { io: 1, live: 1, optimal: null } },
  budget: { params: 90_000, macs: null, peak_memory: null, bytes_per_element: 4 },
  metric: "accuracy",
  best_quality: 0.971,
  best_trained: null,
  group: null,
};
const TRAINED = { val_accuracy: 0.97, test_accuracy: 0.981, val_perplexity: null, test_perplexity: null };

class SeenAtOnce {
  constructor(private readonly tell: (entries: object[]) => void) {}
  observe() {
    this.tell([{ isIntersecting: true }]);
  }
  disconnect() {}
}

afterEach(() => {
  server.reset();
  vi.unstubAllGlobals();
});

describe("the list of searches", () => {
  it("shows name, status and use of limits of each search", async () => {
    server.answers["GET /api/searches"] = pageOf([row]);
    renderPage(Component, "/searches");
    expect((await screen.findByRole("link", { name: "Porch camera" })).getAttribute("href")).toBe(
      "/searches/s1",
    );
    expect(screen.getByText("Running")).toBeTruthy();
    expect(screen.getByText("120 k, limit 90 k")).toBeTruthy();
    expect(screen.getByText("97.1%")).toBeTruthy();
  });

  it("shows the proxy score of a search that trains nothing, and sorts by it", async () => {
    server.answers["GET /api/searches"] = pageOf([
      row,
      { ...row, id: "s2", name: "Chains", metric: "proxy", best_quality: 312.43 },
      { ...row, id: "s3", name: "Large", metric: "proxy", best_quality: 24_579_034, best_trained: TRAINED },
    ]);
    renderPage(Component, "/searches");
    const result = (text: string) => screen.getByText(text).closest("td")?.textContent;
    expect((await screen.findByText("312.4")).closest("td")?.textContent).toBe("proxy score 312.4");
    expect(result("24.58 M")).toBe("proxy score 24.58\u202fMtrained 98.1% test");
    expect(result("97.1%")).toBe("97.1%");
    fireEvent.click(screen.getByRole("button", { name: "Proxy score" }));
    const asked = () => server.requests.filter((each) => each.what === "GET /api/searches").at(-1);
    await waitFor(() => expect(asked()?.params?.query).toMatchObject({ sort: "-proxy" }));
  });

  describe("draws the cell of a search", () => {
    const picture = () => screen.queryByTestId("thumbnail")?.querySelector("path");
    const drawn = async (log: LogBuilder) => {
      vi.stubGlobal("IntersectionObserver", SeenAtOnce);
      server.answers["GET /api/searches"] = pageOf([row]);
      server.answers["GET /api/searches/{id}/snapshot"] = {
        seq: 12,
        snapshot: log.snapshot().events.at(-1)?.payload,
      };
      renderPage(Component, "/searches");
      await waitFor(() => expect(picture()).toBeTruthy());
      return (picture()?.getAttribute("d") ?? "").split("M").length - 1;
    };
    it("as it is now", async () => {
      expect(await drawn(new LogBuilder().decide("1-2").decide("1-3"))).toBe(4);
    });
    it("as its answer once it has one", async () => {
      const log = new LogBuilder().decide("1-2").finish({ edges: ["0-1"], step: 1, quality: 0.9 });
      expect(await drawn(log)).toBe(1);
    });
  });

  it("says so when there is none yet", async () => {
    server.answers["GET /api/searches"] = pageOf([]);
    renderPage(Component, "/searches");
    expect(await screen.findByText(/No searches yet/)).toBeTruthy();
  });

  it("uses the server's pagination", async () => {
    server.answers["GET /api/searches"] = { ...pageOf([row], 101), next: "more", previous: "some" };
    renderPage(Component, "/searches?page=2", "/searches");
    await screen.findByText("2 to 2 of 101");
    expect(server.requests.find((a) => a.what === "GET /api/searches")?.params?.query).toEqual({
      page: 2,
      sort: "-created_at",
    });
  });

  it("offers to retry when loading fails", async () => {
    server.answers["GET /api/searches"] = new ErrorAnswer(503, []);
    renderPage(Component, "/searches");
    expect(await screen.findByRole("button", { name: "Try again" }, { timeout: 5_000 })).toBeTruthy();
  });

  it("leads from a search to those that were launched with it, and says their mean", async () => {
    server.answers["GET /api/searches"] = pageOf([{ ...row, group: { id: "g1", size: 3 } }]);
    const member = (seed: number, quality: number | null) => ({
      id: `${seed}`,
      status: "finished" as const,
      name: "",
      seed,
      quality,
    });
    server.answers["GET /api/searches/groups/{id}"] = {
      id: "g1",
      metric: "accuracy",
      members: [member(4, 0.97), member(5, 0.98), member(6, null)],
      quality: { mean: 0.975, low: 0.911, high: 1, count: 2 },
    };
    renderPage(Component, "/searches");
    fireEvent.click(await screen.findByRole("link", { name: "one of 3 seeds" }));
    expect((await screen.findByText(/^One task/)).textContent).toBe(
      "One task with 3 seeds: 4, 5 and 6. Mean accuracy of 2 answers: 97.5%, 95% interval 91.1% to 100.0%.",
    );
    expect(screen.getByText("Launched together")).toBeTruthy();
    const scored = { mean: 312.43, low: -12.5, high: 24_579_034, count: 2 };
    expect(describeGroup({ id: "g", metric: "proxy", quality: scored, members: [member(4, 1)] })).toContain(
      "Mean proxy score of 2 answers: 312.4, 95% interval −12.5 to 24.58\u202fM.",
    );
    const cancelled = { ...member(1, null), status: "cancelled" as const };
    expect(describeGroup({ id: "g", metric: "accuracy", quality: null, members: [cancelled] })).toContain(
      "Fewer than two finished",
    );
    const asked = server.requests.filter((each) => each.what === "GET /api/searches").at(-1);
    expect(asked?.params?.query).toEqual({ group: ["g1"], archived: "all", sort: "-created_at", page: 1 });
  });
});
