// What the cell would cost without what is pointed at: asked for before, so that it is there with the pointer.
import { fireEvent, screen, waitFor, within } from "@testing-library/react";
import { expect, it, vi } from "vitest";
import type { WhatIfRequest } from "../../api/types";
import { type Asked, Refusal, server } from "../../testing/harness";
import { cost, Story } from "../../testing/story";

vi.mock("../../api/client", async (original) => ({
  ...(await original<typeof import("../../api/client")>()),
  api: (await import("../../testing/harness")).server.api,
}));

const { beside, eventsOf, open, says, sent, watched } = await import("../../testing/watched");

watched();

const PATH = "POST /api/what-if";

/** One edge goes with each edit, three with a node. */
function priced({ body }: Asked) {
  const { graph, edits } = body as WhatIfRequest;
  return {
    costs: edits.map(({ kind }, edit) => {
      const edges = graph.edges.length + { add_edge: 1, remove_edge: -1, remove_node: -3, set_op: 0 }[kind];
      return { edit, cost: cost(edges), why_not: null, over: [], nodes: [], edges: [] };
    }),
  };
}

async function watching(at = "", answer: unknown = priced) {
  server.answers[PATH] = answer;
  await open(`/searches/s1${at}`);
  await says(eventsOf(new Story().decided("1-2").decided("1-3").events), beside);
}

const note = (name: string) => within(screen.getByRole("complementary", { name }));

it("is asked for once for a cell, whatever is pointed at", async () => {
  await watching();
  await waitFor(() => expect(sent(PATH).length).toBeGreaterThan(0));
  const [last] = sent(PATH).slice(-1);
  const { graph, edits, each } = (last as Asked).body as WhatIfRequest;
  expect(graph.edges.map((edge) => edge.id)).toEqual(["0-1", "0-2", "0-3", "2-3"]);
  expect(edits).toContainEqual({ kind: "add_edge", edge: "1-2" });
  expect(each).toBe(true);
  const before = sent(PATH).length;
  const drawing = screen.getByRole("application");
  fireEvent.keyDown(drawing, { key: "ArrowRight" });
  fireEvent.keyDown(drawing, { key: "ArrowRight" });
  expect(sent(PATH).length).toBe(before);
});

it("shows what a node costs, and which limits would then hold", async () => {
  await watching("?node=3");
  expect(await note("Node 3").findByText("−60.0 k")).toBeTruthy();
  expect(note("Node 3").getByText("inside every limit")).toBeTruthy();
  expect(screen.getByText("what if node 3 goes: vermillion")).toBeTruthy();
});

it("shows what an edge would cost if it came back", async () => {
  await watching("?edge=1-2");
  expect(await note("Edge 1→2").findByText("+20.0 k")).toBeTruthy();
  expect(note("Edge 1→2").getByText("over parameters")).toBeTruthy();
  expect(screen.getByText("what if 1→2 comes back: vermillion")).toBeTruthy();
});

it("shows a quiet placeholder until the figures are there, and a dash where there are none", async () => {
  let tell = () => {};
  const asked = new Promise<void>((done) => {
    tell = done;
  });
  await watching("?edge=1-2", async (about: Asked) => {
    await asked;
    return priced(about);
  });
  expect(note("Edge 1→2").getByText("…")).toBeTruthy();
  tell();
  expect(await note("Edge 1→2").findByText("+20.0 k")).toBeTruthy();
});

it("has no figure where the server has none", async () => {
  await watching("?edge=1-2", new Refusal(400, [{ code: "invalid", detail: "Too large.", attr: null }]));
  expect(await note("Edge 1→2").findByText("–")).toBeTruthy();
});
