// Rounds of many candidates, stored curves, and charts of all candidates.
import { fireEvent, screen, waitFor, within } from "@testing-library/react";
import { describe, expect, it, vi } from "vitest";
import { candidatePage } from "../../testing/candidatePage";
import { type FakeRequest, server } from "../../testing/fakeServer";
import { edits, LogBuilder } from "../../testing/logBuilder";

vi.mock("../../api/client", async (original) => ({
  ...(await original<typeof import("../../api/client")>()),
  api: (await import("../../testing/fakeServer")).server.api,
}));

const { telemetry, eventsOf, openSearch, receive, requestsTo, setUpSearchPage } = await import(
  "../../testing/searchPage"
);

setUpSearchPage();

const ROWS = "GET /api/searches/{id}/candidates";
const ROW = "GET /api/searches/{id}/candidates/{branch}/{number}";
const region = (name: string) => within(screen.getByRole("region", { name }));

async function show(log: LogBuilder, at = "", now: object = telemetry) {
  await openSearch(`/searches/s1${at}`);
  await receive(eventsOf(log.events), now);
}

describe("a round of 500 candidates", () => {
  const many = () => new LogBuilder("random").proposeMany(500);
  const rows = (count: number) => ({
    count: 500,
    seq: 9,
    columns: {
      id: Array.from({ length: count }, (_, i) => i),
      status: Array.from({ length: count }, () => "ok"),
      label: Array.from({ length: count }, (_, i) => `${i} edges`),
      edits: Array.from({ length: count }, () => edits({ edges_removed: ["0-1", "0-2"] })),
      score: Array.from({ length: count }, () => 0.9),
    },
  });

  it("shows the first of them, and how many more there are", async () => {
    await show(many(), "", { ...telemetry, counts: { queued: 380, running: 20, done: 100 } });
    expect(region("Candidates").getAllByRole("listitem")).toHaveLength(20);
    expect(region("Candidates").getByText("100 of 500 tested, best first")).toBeTruthy();
    expect(region("Candidates").getByRole("button", { name: "480 more" })).toBeTruthy();
  });
  it("lists all of them in a table that the server sorts and pages", async () => {
    server.answers[ROWS] = () => rows(50);
    await show(many());
    fireEvent.click(screen.getByRole("button", { name: "480 more" }));
    const table = within(await screen.findByRole("region", { name: "Table of candidates" }));
    expect(await table.findByText("49 edges")).toBeTruthy();
    fireEvent.click(table.getByRole("button", { name: "MACs" }));
    fireEvent.click(region("Candidates").getByRole("button", { name: "Next" }));
    fireEvent.click(region("Candidates").getByRole("checkbox"));
    const asked = () =>
      requestsTo(ROWS).map(({ params }) => {
        const { sort, offset, pareto, branch, first_id, last_id } = params?.query ?? {};
        return [branch, first_id, last_id, sort, offset, pareto];
      });
    await waitFor(() =>
      expect(asked()).toEqual([
        [0, 1, 500, "-score", 0, undefined],
        [0, 1, 500, "macs", 0, undefined],
        [0, 1, 500, "macs", 50, undefined],
        [0, 1, 500, "macs", 0, "quality,macs"],
      ]),
    );
  });
});

describe("the curve of a finished candidate", () => {
  it("is read when the candidate is chosen", async () => {
    const log = new LogBuilder().score(0.7, 0.8).decide("1-2");
    const curve = [0.5, 0.7].map((val_accuracy, i) => ({
      epoch: i + 1,
      train_loss: 1,
      val_loss: 1,
      val_accuracy,
    }));
    server.answers[ROW] = { curve };
    await show(log, "?step=0");
    expect(screen.queryAllByTestId("spark")).toHaveLength(0);
    expect(requestsTo(ROW)).toEqual([]);
    fireEvent.click(region("Candidates").getByRole("button", { name: /^0→2/ }));
    await waitFor(() => expect(screen.queryAllByTestId("spark")).toHaveLength(1));
    expect(requestsTo(ROW).map((a) => a.params?.path)).toEqual([{ id: "s1", branch: 0, number: 1 }]);
  });
});

describe("the charts", () => {
  const answer =
    (log: LogBuilder) =>
    ({ params }: FakeRequest) =>
      candidatePage(log.events, (params?.query ?? {}) as { after_seq?: number });
  const dots = () => screen.queryAllByTestId("tested").length;

  it("read all candidates once, and then what is new", async () => {
    const log = new LogBuilder().score(0.7, 0.8).decide("1-2");
    server.answers[ROWS] = answer(log);
    await show(log, "", { ...telemetry, candidates: 7 });
    await waitFor(() => expect(dots()).toBe(2));
    log.score(0.6).decide("1-3");
    await receive(eventsOf(log.events), { ...telemetry, candidates: 12 });
    await waitFor(() => expect(dots()).toBe(3));
    const asked = requestsTo(ROWS).map(({ params }) => params?.query?.after_seq);
    expect(asked).toEqual([undefined, 7]);
  });
  it("show at an earlier step what was known then", async () => {
    const log = new LogBuilder().score(0.7, 0.8).decide("1-2").score(0.6).decide("1-3");
    server.answers[ROWS] = answer(log);
    await show(log, "", { ...telemetry, candidates: log.events.length });
    await waitFor(() => expect(dots()).toBe(3));
    fireEvent.click(screen.getByRole("button", { name: "Step 0, 6 edges" }));
    await waitFor(() => expect(dots()).toBe(2));
    fireEvent.click(screen.getByRole("button", { name: "Step 1, 5 edges" }));
    await waitFor(() => expect(dots()).toBe(3));
  });
});

describe("the width of a node", () => {
  it("is in the table of nodes and in the name of the node", async () => {
    await show(new LogBuilder("growth").replaceCell(null, { widths: { 1: 48 } }), "?view=table");
    const names = within(screen.getByRole("table", { name: /^Nodes/ }));
    expect(names.getByRole("columnheader", { name: /^Width/ })).toBeTruthy();
    expect(names.getByText("Node 1").closest("tr")?.textContent).toContain("sep348");
  });
  it("has no column where no node has one", async () => {
    await show(new LogBuilder(), "?view=table");
    expect(screen.queryByRole("columnheader", { name: /^Width/ })).toBeNull();
  });
});
