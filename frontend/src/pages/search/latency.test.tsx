// A search with a latency limit: it measures before it trains, and the page shows where, the progress, and what is too slow.
import { screen, within } from "@testing-library/react";
import { expect, it, vi } from "vitest";
import { describeLatency } from "../../search-view/latencyText";
import { momentOf } from "../../search-view/moment";
import { server } from "../../testing/fakeServer";
import { BUDGET, LogBuilder, latency } from "../../testing/logBuilder";

vi.mock("../../api/client", async (original) => ({
  ...(await original<typeof import("../../api/client")>()),
  api: (await import("../../testing/fakeServer")).server.api,
}));

const { telemetry, eventsOf, openSearch, receive, setUpSearchPage } = await import(
  "../../testing/searchPage"
);

setUpSearchPage();

const LIMIT = 2_000;
const limitedLog = () =>
  new LogBuilder().command("set_budget", { budget: { ...BUDGET, latency: LIMIT, device: "d1" } });
const work = (id: number, status: "queued" | "running" | "done") => ({
  round: 0,
  about: [id],
  status,
  curve: [],
});

const measuring = { done: 1, of: 8, device: "Bench board" }; // six candidates, the present cell and the smallest

async function showSearch(story: LogBuilder, telemetryNow: object = telemetry) {
  server.answers["GET /api/devices"] = [{ id: "d1", name: "Bench board", seen_at: null }];
  await openSearch();
  await receive(eventsOf(story.events), telemetryNow);
  return within(screen.getByRole("region", { name: "Candidates" }));
}

it("shows the device and progress of measuring, and has no next cut yet", async () => {
  const telemetryNow = {
    ...telemetry,
    work: [work(0, "done"), work(1, "running"), work(2, "queued")],
    measuring,
  };
  const candidates = await showSearch(limitedLog(), telemetryNow);
  expect(await candidates.findByText("on Bench board, 1 of 8 cells")).toBeTruthy();
  expect(candidates.getByRole("button", { name: /^0→1.*measured/ })).toBeTruthy();
  expect(candidates.getByRole("button", { name: /^0→2.*measuring/ })).toBeTruthy();
  expect(momentOf(limitedLog().view, null, telemetryNow as never).next).toBeNull();
});

it("shows the training in the round after measuring", () => {
  const view = limitedLog().measureLatencies([1_500, 2_600, 1_200, 1_300, 1_400, 1_100], LIMIT).view;
  const trains = { ...telemetry, work: [{ ...work(2, "running"), round: 1 }] };
  expect(momentOf(view, null, trains as never).candidates[2]?.status).toBe("running");
});

it("shows each latency once it is there, and why a cell is too slow to be trained", async () => {
  const candidates = await showSearch(
    limitedLog().measureLatencies([1_500, 2_600, 1_200, 1_300, 1_400, 1_100], LIMIT),
  );
  expect(candidates.queryByText(/Measuring/)).toBeNull();
  expect(candidates.getByRole("button", { name: /^0→1.*1\.5\sms/ }).title).toMatch(/1\.4\sms to 1\.8\sms/);
  const slow = candidates.getByRole("button", { name: /^0→2.*over latency/ });
  expect(slow.title).toBe("2600 microseconds of latency is over the limit of 2000");
});

it("shows spread and device in the budget panel", async () => {
  await showSearch(limitedLog().measureLatencies([1_500, 2_600, 1_200, 1_300, 1_400, 1_100], LIMIT));
  const plate = within(screen.getByRole("region", { name: "Budgets" }));
  expect(await plate.findByText("median, on Bench board")).toBeTruthy();
  expect(describeLatency(latency(1_500))).toBe(
    "10th to 90th percentile 1.4\u202fms to 1.8\u202fms; 50 runs, 1 thread, onnxruntime 1.31, on a board",
  );
});
