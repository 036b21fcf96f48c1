// A search that is held to a latency: it measures before it trains, and the page says where, how far, and what is too slow.
import { screen, within } from "@testing-library/react";
import { expect, it, vi } from "vitest";
import { latencySaid } from "../../search-view/latency";
import { momentOf } from "../../search-view/moment";
import { server } from "../../testing/harness";
import { BUDGET, latency, Story } from "../../testing/story";

vi.mock("../../api/client", async (original) => ({
  ...(await original<typeof import("../../api/client")>()),
  api: (await import("../../testing/harness")).server.api,
}));

const { beside, eventsOf, open, says, watched } = await import("../../testing/watched");

watched();

const LIMIT = 2_000;
const held = () => new Story().said("set_budget", { budget: { ...BUDGET, latency: LIMIT, device: "d1" } });
const work = (index: number, status: "queued" | "running" | "done") => ({
  round: 0,
  index,
  status,
  curve: [],
});

const measuring = { done: 1, of: 8, device: "Bench board" }; // the cell as it is, and the smallest, too

async function watching(story: Story, around: object = beside) {
  server.answers["GET /api/devices"] = [{ id: "d1", name: "Bench board", seen_at: null }];
  await open();
  await says(eventsOf(story.events), around);
  return within(screen.getByRole("region", { name: "Candidates" }));
}

it("says where it measures and how far it is, and calls nothing the next cut yet", async () => {
  const around = { ...beside, work: [work(0, "done"), work(1, "running"), work(2, "queued")], measuring };
  const candidates = await watching(held(), around);
  expect(await candidates.findByText("on Bench board, 1 of 8 cells")).toBeTruthy();
  expect(candidates.getByRole("button", { name: /^0→1.*timed/ })).toBeTruthy();
  expect(candidates.getByRole("button", { name: /^0→2.*being timed/ })).toBeTruthy();
  expect(momentOf(held().view, around as never, null).next).toBeNull();
});

it("follows the training of the round after", () => {
  const told = held().timed([1_500, 2_600, 1_200, 1_300, 1_400, 1_100], LIMIT).view;
  const trains = { ...beside, work: [{ ...work(2, "running"), round: 1 }] };
  expect(momentOf(told, trains as never, null).candidates[2]?.status).toBe("running");
});

it("shows each latency once it is there, and why a cell is too slow to be trained", async () => {
  const candidates = await watching(held().timed([1_500, 2_600, 1_200, 1_300, 1_400, 1_100], LIMIT));
  expect(candidates.queryByText(/Measuring/)).toBeNull();
  expect(candidates.getByRole("button", { name: /^0→1.*1\.50 ms/ }).title).toContain("1.40 ms to 1.80 ms");
  const slow = candidates.getByRole("button", { name: /^0→2.*over latency/ });
  expect(slow.title).toBe("2600 microseconds of latency is over the limit of 2000");
});

it("gives the spread and the device beside the gauge", async () => {
  await watching(held().timed([1_500, 2_600, 1_200, 1_300, 1_400, 1_100], LIMIT));
  const plate = within(screen.getByRole("region", { name: "Budgets" }));
  expect(await plate.findByText("median, on Bench board")).toBeTruthy();
  expect(latencySaid(latency(1_500))).toBe(
    "10th to 90th percentile 1.40 ms to 1.80 ms; 50 repeats, 1 thread, onnxruntime 1.31, on a board",
  );
});
