// The live page of a search whose candidates are scored without training.
import { fireEvent, screen, within } from "@testing-library/react";
import { expect, it, vi } from "vitest";
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

async function show(log: LogBuilder, now: object = telemetry) {
  server.answers["GET /api/searches/{id}"] = { ...searchRow, strategy: "zico" };
  await openSearch("/searches/s1");
  await receive(eventsOf(log.events), now);
}
const region = (name: string) => within(screen.getByRole("region", { name }));
const log = () => new LogBuilder("zico", "proxy").proposeCells(["2 edges", "3 edges", "4 edges"], []);

it("its candidates are scored, by numbers of any size", async () => {
  await show(log().score(312.43, -45.2));
  const cards = region("Candidates")
    .getAllByRole("listitem")
    .map((item) => item.textContent);
  expect(cards).toEqual(["2 edges312.4", "3 edges−45.2", "4 edgesqueued"]);
  expect(region("Candidates").getByText("2 of 3 scored, best first")).toBeTruthy();
  expect(region("Proxy score against MACs").getByText(/Higher is better/)).toBeTruthy();
  expect(document.body.textContent).not.toMatch(/train|accuracy|\d%(?! over)/i);
});

it("a candidate that a worker has says so", async () => {
  const [first] = log().view.candidates.shown;
  const about = [first?.id ?? 0, (first?.id ?? 0) + 1];
  await show(log(), { ...telemetry, work: [{ round: 0, about, status: "running", curve: [] }] });
  const cards = region("Candidates").getAllByRole("listitem");
  expect(cards.map((item) => item.textContent)).toEqual([
    "2 edgesscoring",
    "3 edgesscoring",
    "4 edgesqueued",
  ]);
});

it("a candidate that a worker has scored leads nothing until the round tells its score", async () => {
  const [first] = log().view.candidates.shown;
  await show(log(), {
    ...telemetry,
    work: [{ round: 0, about: [first?.id ?? 0], status: "done", curve: [] }],
  });
  const cards = region("Candidates").getAllByRole("listitem");
  expect(cards.map((item) => item.textContent)).toEqual(["2 edgesscored", "3 edgesqueued", "4 edgesqueued"]);
  expect(screen.queryByText("Leads now")).toBeNull();
  expect(document.querySelector('[data-first="true"]')).toBeNull();
});

it("its finalists are trained, and have the quality that they reach", async () => {
  const story = log().score(312.43).replaceCell("2 edges").trainFinalists(["2 edges", "3 edges"]);
  await show(story.score(0.97));
  expect(region("Finalists").getByText("1 of 2 trained, best first")).toBeTruthy();
  expect(region("Finalists").getAllByRole("listitem")[0]?.textContent).toBe("2 edges0.9700");
});

it("all candidates of a round are in the table, with their proxy scores", async () => {
  server.answers["GET /api/searches/{id}/candidates"] = {
    count: 2,
    seq: 9,
    columns: {
      id: [1, 2],
      status: ["ok", "waiting"],
      label: ["2 edges", "3 edges"],
      edits: [null, null],
      quality: [312.43, null],
      score: [0.75, null],
      params: [1, 2],
      macs: [1, 2],
      peak_memory: [1, 2],
    },
  };
  await show(new LogBuilder("zico", "proxy").proposeMany(256));
  fireEvent.click(region("Candidates").getByRole("button", { name: "236 more" }));
  const table = await region("Candidates").findByRole("table");
  expect(within(table).getByRole("columnheader", { name: "Proxy score" })).toBeTruthy();
  expect((await within(table).findByText("scored")).closest("tr")?.textContent).toContain("312.40.7500");
  expect(region("Candidates").getByText(/of proxy score and MACs/)).toBeTruthy();
});
