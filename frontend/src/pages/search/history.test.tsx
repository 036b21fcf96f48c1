// Rollbacks, forks and abandoned branches.
import { fireEvent, screen, waitFor, within } from "@testing-library/react";
import { describe, expect, it, vi } from "vitest";
import { isSelfContained } from "../../live/reducer";
import { ErrorAnswer, type FakeRequest, server } from "../../testing/fakeServer";
import { LogBuilder } from "../../testing/logBuilder";

vi.mock("../../api/client", async (original) => ({
  ...(await original<typeof import("../../api/client")>()),
  api: (await import("../../testing/fakeServer")).server.api,
}));

const {
  telemetry,
  sentCommands,
  eventsOf,
  openSearch,
  openDialog,
  searchRow,
  receive,
  requestsTo,
  pendingCommand,
  setUpSearchPage,
} = await import("../../testing/searchPage");

setUpSearchPage();

const buildLog = () => new LogBuilder().decide("1-2").decide("1-3");
const button = (name: string) => screen.getByRole<HTMLButtonElement>("button", { name });

/** What the server answers for parts of a log. */
const eventsAt =
  ({ events }: LogBuilder) =>
  ({ params }: FakeRequest) => {
    const { at, since = 0, before = Number.POSITIVE_INFINITY, kind } = (params?.query ?? {}) as EventQuery;
    const until = events.filter(({ seq }) => seq <= (at ?? before - 1));
    const start = at === undefined ? 0 : until.findLastIndex(isSelfContained);
    const found = until.slice(start).filter((e) => e.seq > since && (!kind || kind.includes(e.kind)));
    return { from_seq: found[0]?.seq ?? 0, to_seq: found.at(-1)?.seq ?? 0, events: found };
  };

interface EventQuery {
  at?: number;
  since?: number;
  before?: number;
  kind?: string[];
}

async function showSearch(at = "", log = buildLog(), telemetryNow: object = telemetry) {
  const router = await openSearch(`/searches/s1${at}`);
  await receive(eventsOf(log.events), telemetryNow);
  return router;
}

describe("a rollback", () => {
  it("says what will happen before it does", async () => {
    await showSearch("?step=1", buildLog(), {
      ...telemetry,
      pending: [pendingCommand("lock", { edge: "0-1" })],
    });
    fireEvent.click(button("Roll back to here"));
    const text = openDialog().textContent;
    expect(text).toContain("Roll back to step 1?");
    expect(text).toContain("available as branch 0");
    expect(text).toContain("The cuts being tested now are discarded. 1 pending request is discarded.");
    fireEvent.click(within(openDialog()).getByText("Cancel"));
    expect(sentCommands()).toEqual([]);
  });

  it("is sent with its step, its branch and why", async () => {
    await showSearch("?step=1");
    fireEvent.click(button("Roll back to here"));
    fireEvent.change(within(openDialog()).getByLabelText("Reason"), { target: { value: "wrong turn" } });
    fireEvent.click(within(openDialog()).getByText("Roll back"));
    await waitFor(() =>
      expect(sentCommands()).toEqual([{ kind: "rollback", step: 1, branch: 0, reason: "wrong turn" }]),
    );
    await waitFor(() => expect(document.querySelector("dialog[open]")).toBeNull());
  });

  it("that is refused says why in the dialog, which keeps what was typed", async () => {
    server.answers["POST /api/searches/{id}/commands"] = new ErrorAnswer(409, [
      { code: "conflict", detail: "Step 1 was not reached.", attr: null },
    ]);
    await showSearch("?step=1");
    fireEvent.click(button("Roll back to here"));
    fireEvent.change(within(openDialog()).getByLabelText("Reason"), { target: { value: "wrong turn" } });
    fireEvent.click(within(openDialog()).getByText("Roll back"));
    expect((await within(openDialog()).findByRole("alert")).textContent).toBe(
      "Refused: Step 1 was not reached.",
    );
    expect(within(openDialog()).getByLabelText<HTMLInputElement>("Reason").value).toBe("wrong turn");
  });

  it("is for an earlier step of a search that runs", async () => {
    await showSearch();
    expect(button("Roll back to here").disabled).toBe(true);
    fireEvent.click(button("Step 0, 6 edges"));
    expect(button("Roll back to here").disabled).toBe(false);
    await receive({ ...telemetry, status: "stopped" });
    expect(button("Roll back to here").disabled).toBe(true);
    expect(button("Fork from here").disabled).toBe(false);
  });

  it("is possible in a failed search, also to its newest step", async () => {
    await showSearch("", buildLog(), { ...telemetry, status: "failed", error: "No outcome." });
    fireEvent.click(button("Roll back to here"));
    expect(openDialog().textContent).toContain("The failed step starts again.");
    fireEvent.click(within(openDialog()).getByText("Roll back"));
    await waitFor(() => expect(sentCommands()).toEqual([{ kind: "rollback", step: 2, branch: 0 }]));
  });
});

describe("a fork", () => {
  it("leads to the new search", async () => {
    server.answers["POST /api/searches/{id}/fork"] = { ...searchRow, id: "s2" };
    const router = await showSearch("?step=1");
    fireEvent.click(button("Fork from here"));
    fireEvent.change(within(openDialog()).getByLabelText("Name"), { target: { value: "Another way" } });
    fireEvent.click(within(openDialog()).getByText("Fork"));
    await waitFor(() => expect(router.state.location.pathname).toBe("/searches/s2"));
    expect(requestsTo("POST /api/searches/{id}/fork").map((a) => a.body)).toEqual([
      { step: 1, branch: 0, name: "Another way" },
    ]);
  });

  it("links to its parent search", async () => {
    server.answers["GET /api/searches/{id}"] = {
      ...searchRow,
      parent: { search: "s0", name: "First try", branch: 2, step: 1 },
    };
    await showSearch("", buildLog().fork(1));
    expect(screen.getByText(/^Forked from/).textContent).toBe("Forked from First try at step 1");
    expect(screen.getByRole("link", { name: "First try" }).getAttribute("href")).toBe(
      "/searches/s0?branch=2&step=1",
    );
    expect(screen.getAllByRole("button", { name: /^Step \d/ })).toHaveLength(1);
  });
});

describe("a page that starts at a snapshot", () => {
  const long = () => new LogBuilder().decide("1-2").decide("1-3").snapshot().decide("0-3");
  const start = long().events.findIndex(({ kind }) => kind === "snapshot");
  const late = async (at: string) => {
    const log = long();
    server.answers["GET /api/searches/{id}/events"] = eventsAt(log);
    await openSearch(`/searches/s1${at}`);
    await receive(eventsOf(log.events, log.events.length, start + 1), telemetry);
  };

  it("has all steps once it has read the history before it", async () => {
    await late("");
    await waitFor(() => expect(screen.getAllByRole("button", { name: /^Step \d/ })).toHaveLength(4));
    const [asked] = requestsTo("GET /api/searches/{id}/events");
    expect(asked?.params?.query).toMatchObject({ since: 0, limit: 1_000 });
    expect(screen.queryByText("Loading earlier steps…")).toBeNull();
  });
  it("reads the page of the log that an earlier step is on, and none for a later one", async () => {
    await late("?step=1");
    expect(await screen.findByRole("heading", { level: 2, name: "Cell at step 1" })).toBeTruthy();
    const pages = () =>
      requestsTo("GET /api/searches/{id}/events").filter((a) => a.params?.query?.at !== undefined).length;
    expect(pages()).toBe(1);
    fireEvent.click(button("Step 2, 4 edges"));
    expect(await screen.findByRole("heading", { level: 2, name: "Cell at step 2" })).toBeTruthy();
    expect(pages()).toBe(1);
  });
  it("says so if the history cannot be read", async () => {
    const log = long();
    await openSearch();
    await receive(eventsOf(log.events, log.events.length, start + 1), telemetry);
    expect(await screen.findByText(/^Earlier steps could not be loaded/)).toBeTruthy();
  });
});

describe("older events", () => {
  it("are read on demand", async () => {
    const log = new LogBuilder().decide("1-2").snapshot().decide("1-3");
    const start = log.events.findIndex(({ kind }) => kind === "snapshot");
    server.answers["GET /api/searches/{id}/events"] = eventsAt(log);
    await openSearch();
    await receive(eventsOf(log.events, log.events.length, start + 1), telemetry);
    const list = within(screen.getByRole("list", { name: /^Events/ }));
    expect(list.queryByText("Search started")).toBeNull();
    fireEvent.click(list.getByRole("button", { name: "Show older events" }));
    expect(await list.findByText("Search started")).toBeTruthy();
    expect(list.getByText("1→2 cut")).toBeTruthy();
    await waitFor(() => expect(list.queryByRole("button", { name: "Show older events" })).toBeNull());
  });
});

describe("branches", () => {
  const rolled = () => buildLog().rollBack(1).decide("0-1");

  it("are not shown while there is only one", async () => {
    await showSearch();
    expect(screen.queryByLabelText("Branch")).toBeNull();
  });

  it("that were abandoned are shown read-only, with a way back", async () => {
    const router = await showSearch("?edge=0-1", rolled());
    server.answers["GET /api/searches/{id}/events"] = eventsAt(rolled());
    fireEvent.change(screen.getByLabelText("Branch"), { target: { value: "0" } });
    expect(await screen.findByText("This is branch 0, which ended at step 2.")).toBeTruthy();
    const [left] = rolled().history.branches;
    expect(requestsTo("GET /api/searches/{id}/events").map((a) => a.params?.query)).toEqual([
      { at: left?.end },
    ]);
    expect(router.state.location.search).toContain("branch=0");
    const note = within(screen.getByRole("complementary"));
    expect(note.getByRole("heading", { level: 3 }).textContent).toContain("0→1");
    expect(note.queryByRole("button", { name: /Lock|Cut|Restore/ })).toBeNull();
    expect(screen.queryByRole("button", { name: "Change" })).toBeNull();
    fireEvent.click(button("Go to the latest branch"));
    expect(screen.queryByText(/^This is branch/)).toBeNull();
    await waitFor(() => expect(router.state.location.search).not.toContain("branch"));
  });

  it("stay unchanged while the newest continues", async () => {
    const log = rolled();
    server.answers["GET /api/searches/{id}/events"] = eventsAt(log);
    await showSearch("?branch=0", log);
    await screen.findByText(/^This is branch 0/);
    const before = log.events.length;
    log.decide("0-2");
    await receive(eventsOf(log.events, log.events.length, before + 1));
    expect(screen.getByRole("heading", { level: 2, name: "Cell at step 2" })).toBeTruthy();
    expect(requestsTo("GET /api/searches/{id}/events")).toHaveLength(1);
  });

  it("that cannot be loaded say so, and can be tried again", async () => {
    const log = rolled();
    server.answers["GET /api/searches/{id}/events"] = new ErrorAnswer(503, []);
    await showSearch("?branch=0", log);
    expect(await screen.findByText("Branch 0 could not be loaded.")).toBeTruthy();
    server.answers["GET /api/searches/{id}/events"] = eventsAt(log);
    fireEvent.click(button("Try again"));
    expect(await screen.findByText(/^This is branch 0/)).toBeTruthy();
  });

  it("that undo a step make a page that showed it follow the newest", async () => {
    const log = buildLog();
    const router = await showSearch("?step=1", log);
    expect(screen.getByRole("heading", { level: 2, name: "Cell at step 1" })).toBeTruthy();
    const before = log.events.length;
    const back = log.rollBack(0).events.length;
    await receive(eventsOf(log.events, back, before + 1));
    log.decide("0-1").decide("0-2");
    await receive(eventsOf(log.events, log.events.length, back + 1));
    expect(screen.getByRole("heading", { level: 2, name: "Cell at step 2" })).toBeTruthy();
    await waitFor(() => expect(router.state.location.search).not.toContain("step"));
  });

  it("are distinguished in the list of events", async () => {
    await showSearch("", rolled());
    const events = within(screen.getByRole("list", { name: /^Events/ }));
    const lines = events.getAllByRole("listitem").map((li) => li.textContent);
    expect(lines.some((line) => line?.includes("Yan rolled back to step 1"))).toBe(true);
    expect(lines.filter((line) => line?.includes("on branch 0"))).toHaveLength(1);
  });
});
