// What-if costs: loaded ahead, so that they are available as soon as the pointer is on an edge.
import { fireEvent, screen, waitFor, within } from "@testing-library/react";
import { expect, it, vi } from "vitest";
import type { WhatIfRequest } from "../../api/types";
import { ErrorAnswer, type FakeRequest, server } from "../../testing/fakeServer";
import { cost, LogBuilder } from "../../testing/logBuilder";

vi.mock("../../api/client", async (original) => ({
  ...(await original<typeof import("../../api/client")>()),
  api: (await import("../../testing/fakeServer")).server.api,
}));

const { telemetry, eventsOf, openSearch, receive, requestsTo, setUpSearchPage } = await import(
  "../../testing/searchPage"
);

setUpSearchPage();

const PATH = "POST /api/what-if";

/** Each edit changes one edge, removing a node three. */
function priced({ body }: FakeRequest) {
  const { graph, edits } = body as WhatIfRequest;
  return {
    costs: edits.map(({ kind }, edit) => {
      const edges = graph.edges.length + { add_edge: 1, remove_edge: -1, remove_node: -3, set_op: 0 }[kind];
      return { edit, cost: cost(edges), why_not: null, over: [], nodes: [], edges: [] };
    }),
  };
}

async function showSearch(at = "", answer: unknown = priced) {
  server.answers[PATH] = answer;
  await openSearch(`/searches/s1${at}`);
  await receive(eventsOf(new LogBuilder().decide("1-2").decide("1-3").events), telemetry);
}

const note = (name: string) => within(screen.getByRole("complementary", { name }));

it("is requested once per cell, whatever the pointer is on", async () => {
  await showSearch();
  await waitFor(() => expect(requestsTo(PATH).length).toBeGreaterThan(0));
  const [last] = requestsTo(PATH).slice(-1);
  const { graph, edits, each } = (last as FakeRequest).body as WhatIfRequest;
  expect(graph.edges.map((edge) => edge.id)).toEqual(["0-1", "0-2", "0-3", "2-3"]);
  expect(edits).toContainEqual({ kind: "add_edge", edge: "1-2" });
  expect(each).toBe(true);
  const before = requestsTo(PATH).length;
  const drawing = screen.getByRole("application");
  fireEvent.keyDown(drawing, { key: "ArrowRight" });
  fireEvent.keyDown(drawing, { key: "ArrowRight" });
  expect(requestsTo(PATH).length).toBe(before);
});

it("shows what a node costs, and which limits would then hold", async () => {
  await showSearch("?node=3");
  expect(await note("Node 3").findByText("−60 k")).toBeTruthy();
  expect(note("Node 3").getByText("fits all limits")).toBeTruthy();
  expect(screen.getByText("Orange: saved by cutting node 3")).toBeTruthy();
});

it("shows what an edge would cost if it were restored", async () => {
  await showSearch("?edge=1-2");
  expect(await note("Edge 1→2").findByText("+20 k")).toBeTruthy();
  expect(note("Edge 1→2").getByText(/over parameters$/)).toBeTruthy();
  expect(screen.getByText("Orange: added by restoring 1→2")).toBeTruthy();
});

it("shows a placeholder while loading, and a dash if there are no figures", async () => {
  let tell = () => {};
  const pending = new Promise<void>((done) => {
    tell = done;
  });
  await showSearch("?edge=1-2", async (about: FakeRequest) => {
    await pending;
    return priced(about);
  });
  expect(note("Edge 1→2").getByText("…")).toBeTruthy();
  tell();
  expect(await note("Edge 1→2").findByText("+20 k")).toBeTruthy();
});

it("shows a dash if the server refuses", async () => {
  await showSearch(
    "?edge=1-2",
    new ErrorAnswer(400, [{ code: "invalid", detail: "Too large.", attr: null }]),
  );
  expect(await note("Edge 1→2").findByText("–")).toBeTruthy();
});
