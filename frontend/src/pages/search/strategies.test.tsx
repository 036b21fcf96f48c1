// The live page of a search whose candidates are not cuts of one edge.
import { screen, within } from "@testing-library/react";
import { describe, expect, it, vi } from "vitest";
import { server } from "../../testing/fakeServer";
import { LogBuilder } from "../../testing/logBuilder";

vi.mock("../../api/client", async (original) => ({
  ...(await original<typeof import("../../api/client")>()),
  api: (await import("../../testing/fakeServer")).server.api,
}));

const { telemetry, eventsOf, openSearch, receive, searchRow, setUpSearchPage } = await import(
  "../../testing/searchPage"
);

setUpSearchPage();

const REFUSED = [
  { limit: "params" as const, count: 10 },
  { limit: "macs" as const, count: 2 },
];

async function show(log: LogBuilder, at = "", now: object = telemetry) {
  await openSearch(`/searches/s1${at}`);
  await receive(eventsOf(log.events), now);
}
const region = (name: string) => within(screen.getByRole("region", { name }));
const named = (name: string) =>
  region(name)
    .getAllByRole("listitem")
    .map((item) => item.textContent);

describe("the candidates", () => {
  it("are shown by their label, and the unchanged cell as no change", async () => {
    await show(new LogBuilder("evolution").proposeCells(["adds 1-3", "12 edges", null], []).score(null, 0.9));
    expect(named("Candidates")).toEqual(["12 edges0.9000", "adds 1→3queued", "no changequeued"]);
    expect(document.querySelector('[data-first="true"]')?.textContent).toContain("12 edges");
  });

  it("are shown by their label at a past step too", async () => {
    const log = new LogBuilder("random").proposeCells(["12 edges"], []).score(0.9);
    await show(log.replaceCell("12 edges", { removed: ["0-3"] }).replaceCell(null), "?step=0");
    expect(named("Candidates")).toEqual(["12 edges0.9000"]);
  });

  it("come with the draws that were refused", async () => {
    await show(new LogBuilder("random").proposeCells(["12 edges"], REFUSED));
    expect(
      region("Candidates").getByText("12 draws refused: 10 over the parameters limit, 2 over the MACs limit"),
    ).toBeTruthy();
  });

  it("have no refused draws where cuts are tested", async () => {
    await show(new LogBuilder());
    expect(region("Candidates").queryByText(/refused/)).toBeNull();
  });
});

describe("the steps", () => {
  const log = () =>
    new LogBuilder("evolution")
      .proposeCells(["removes 0-3"], [])
      .score(0.9)
      .replaceCell("removes 0-3", { removed: ["0-3"], ops: { 2: "sep3" } })
      .replaceCell(null);

  it("say what changed, and whether anything did", async () => {
    await show(log());
    expect(screen.getByRole("button", { name: "Step 1, 5 edges, removes 0→3" })).toBeTruthy();
    expect(screen.getByRole("button", { name: "Step 2, no change, 5 edges" }).textContent).toContain(
      "no change",
    );
    const events = within(screen.getByRole("list", { name: /^Events/ }));
    expect(events.getByText(/New cell: removes 0→3/)).toBeTruthy();
    expect(events.getByText(/No change/)).toBeTruthy();
  });

  it("are listed with their label among the best once the search has ended, if they changed the cell", async () => {
    const ended = log().finish({ edges: ["0-1"], step: 2, quality: 0.9 });
    await show(ended, "", { ...telemetry, status: "finished" });
    expect(named("Best steps").map((text) => text?.replace(/^Step \d.*score/, ""))).toEqual([
      "0.9000removes 0→3",
    ]);
  });

  it("are not called cuts", async () => {
    server.answers["GET /api/searches/{id}"] = { ...searchRow, strategy: "evolution" };
    await show(log());
    expect(screen.getByText("Dots: every candidate tested. Line: the current cell")).toBeTruthy();
    expect(screen.queryByRole("region", { name: "Evidence" })).toBeNull();
    expect(region("Population").getByText("No candidate was tested.")).toBeTruthy();
    const legend = within(screen.getByRole("list", { name: "Legend" }));
    expect(legend.getByText("Removed")).toBeTruthy();
    expect(legend.queryByText(/Not allowed|matters more/)).toBeNull();
  });
});
