// The live page, over a socket that the test controls.
import { act, fireEvent, screen, waitFor, within } from "@testing-library/react";
import { describe, expect, it, vi } from "vitest";
import { ErrorAnswer, renderPage, server } from "../../testing/fakeServer";
import { readGolden } from "../../testing/golden";

vi.mock("../../api/client", async (original) => ({
  ...(await original<typeof import("../../api/client")>()),
  api: (await import("../../testing/fakeServer")).server.api,
}));

const { Component } = await import("./Search");
const {
  telemetry,
  sentCommands,
  eventsOf,
  openSearch,
  openDialog,
  receive,
  socket,
  pendingCommand,
  setUpSearchPage,
} = await import("../../testing/searchPage");

const events = readGolden("descent-and-choice");
const firstRound = events.findIndex((e) => e.kind === "candidates_proposed") + 1;

const upTo = (n: number, from = 1) => eventsOf(events, n, from);

const edges = (state: string) =>
  document.querySelectorAll(`[role="application"] [data-edge][data-state="${state}"]`).length;

setUpSearchPage();

describe("a running search", () => {
  it("draws the dense cell, then removes cut edges without moving the rest", async () => {
    await openSearch();
    await receive(upTo(firstRound), telemetry);
    const all = edges("active") + edges("infeasible");
    expect(all).toBeGreaterThan(8);
    const before = document.querySelector('[data-edge="0-1"] path')?.getAttribute("d");
    await receive(upTo(events.length - 1, firstRound + 1));
    expect(edges("removed")).toBeGreaterThan(0);
    expect(document.querySelector('[data-edge="0-1"] path')?.getAttribute("d")).toBe(before);
  });

  it("connects with the last event that it has", async () => {
    await openSearch();
    await receive(upTo(5), telemetry);
    await receive(upTo(9, 8));
    await waitFor(() => expect(socket()?.url).toMatch(/\/ws\/searches\/s1\?since=5$/));
  });

  it("pauses at once, and asks before it stops or cancels", async () => {
    await openSearch();
    await receive(upTo(firstRound), telemetry);
    fireEvent.click(screen.getByRole("button", { name: "Pause" }));
    fireEvent.click(screen.getByRole("button", { name: "Stop" }));
    await waitFor(() => expect(sentCommands()).toEqual([{ kind: "pause" }]));
    fireEvent.click(within(openDialog()).getByText("Stop"));
    await waitFor(() => expect(sentCommands()).toEqual([{ kind: "pause" }, { kind: "stop" }]));
  });

  it("promises no cell: steps that fit may be of cells that were not trained", async () => {
    await openSearch();
    await receive(upTo(firstRound), telemetry);
    fireEvent.click(screen.getByRole("button", { name: "Stop" }));
    expect(openDialog().textContent).toContain("keeps the best cell that fits all limits, if there is one.");
  });

  it("says that a pause stops running candidates", async () => {
    await openSearch();
    await receive(upTo(firstRound), telemetry);
    expect(screen.getByRole("button", { name: "Pause" }).title).toMatch(
      /^Stops all work now\. .*restart on resume$/,
    );
  });

  it("locks the selected edge by key, and says why if that is refused", async () => {
    const why = "Edge 0-1 is already locked.";
    server.answers["POST /api/searches/{id}/commands"] = new ErrorAnswer(409, [
      { code: "refused", detail: why, attr: null },
    ]);
    await openSearch("/searches/s1?edge=0-1");
    await receive(upTo(firstRound), telemetry);
    fireEvent.keyDown(screen.getByRole("application"), { key: "l" });
    expect(await screen.findByText(`Refused: ${why}`)).toBeTruthy();
  });

  it("asks before it cuts by hand", async () => {
    await openSearch("/searches/s1?edge=0-1");
    await receive(upTo(firstRound), telemetry);
    fireEvent.keyDown(screen.getByRole("application"), { key: "r" });
    fireEvent.click(screen.getByRole("button", { name: "Cut 0→1" }));
    await waitFor(() => expect(sentCommands()).toEqual([{ kind: "remove", edge: "0-1" }]));
  });

  it("moves along edges with the arrow keys and keeps the selection in the URL", async () => {
    const router = await openSearch("/searches/s1?edge=0-1");
    await receive(upTo(firstRound), telemetry);
    fireEvent.keyDown(screen.getByRole("application"), { key: "ArrowRight" });
    await waitFor(() => expect(router.state.location.search).toBe("?edge=0-2"));
  });

  it("offers the same as a table", async () => {
    await openSearch("/searches/s1?view=table");
    await receive(upTo(firstRound), telemetry);
    fireEvent.click(screen.getByRole("button", { name: "0→2" }));
    expect(screen.getByRole("heading", { level: 3 }).textContent).toContain("0→2");
  });

  it("shows what waits for the end of the round", async () => {
    await openSearch();
    await receive(upTo(firstRound), {
      ...telemetry,
      pending: [pendingCommand("lock", { edge: "0-1", reason: "keep" })],
    });
    expect(screen.getByText(/asked to lock 0→1/)).toBeTruthy();
  });
});

describe("a search at its end", () => {
  it("links to its architecture and offers no edits", async () => {
    await openSearch();
    await receive(upTo(events.length), { ...telemetry, status: "finished", architecture: "a7" });
    expect(screen.getByRole("link", { name: "Open architecture" }).getAttribute("href")).toBe(
      "/architectures/a7",
    );
    for (const name of ["Pause", "Resume", "Stop", "Cancel"]) {
      expect(screen.getByRole<HTMLButtonElement>("button", { name }).disabled).toBe(true);
    }
  });

  it("shows any step again", async () => {
    await openSearch();
    await receive(upTo(events.length), { ...telemetry, status: "finished" });
    const gone = edges("removed");
    fireEvent.click(screen.getByRole("button", { name: /^Step 0,/ }));
    expect(edges("removed")).toBe(0);
    fireEvent.click(screen.getByRole("button", { name: "Go to the answer" }));
    expect(edges("removed")).toBe(gone);
  });
});

describe("when there is a problem", () => {
  it("says that a search does not exist", async () => {
    server.answers["GET /api/searches/{id}"] = new ErrorAnswer(404, []);
    renderPage(Component, "/searches/s1", "/searches/:id");
    expect(await screen.findByText(/was not found/)).toBeTruthy();
  });

  it("says why a search failed and lets it resume", async () => {
    await openSearch();
    await receive(upTo(firstRound), { ...telemetry, status: "failed", error: "No outcome." });
    expect(screen.getByRole("alert").textContent).toContain("No outcome.");
    expect(screen.getByRole<HTMLButtonElement>("button", { name: "Resume" }).disabled).toBe(false);
  });

  it("keeps the last drawing, pale, while the connection is lost", async () => {
    await openSearch();
    await receive(upTo(firstRound), telemetry);
    await act(async () => socket()?.onclose?.({ code: 1006 }));
    expect(screen.getByRole("application").hasAttribute("data-pale")).toBe(true);
    expect(screen.getByRole("application").querySelectorAll("[data-edge]").length).toBeGreaterThan(0);
  });
});
