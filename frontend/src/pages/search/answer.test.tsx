// The live page of a search that trains its finalists, and of one that has an answer.
import { fireEvent, screen, waitFor, within } from "@testing-library/react";
import { describe, expect, it, vi } from "vitest";
import { candidatePage } from "../../testing/candidatePage";
import { server } from "../../testing/fakeServer";
import { LogBuilder } from "../../testing/logBuilder";

vi.mock("../../api/client", async (original) => ({
  ...(await original<typeof import("../../api/client")>()),
  api: (await import("../../testing/fakeServer")).server.api,
}));

const { telemetry, eventsOf, openSearch, receive, requestsTo, sentCommands, setUpSearchPage } = await import(
  "../../testing/searchPage"
);

setUpSearchPage();

const NO_EDITS =
  "The search has chosen its finalists and trains them. Fork it from an earlier step to change it.";
const FINALISTS = ["4 edges of step 2", "5 edges of step 1", "3 edges of step 2"];

/** Two cuts, and then the finalists. */
const answering = (strategy = "autoshrink") => {
  const log = new LogBuilder(strategy);
  log.score(0.7);
  if (strategy === "autoshrink") log.decide("0-3").score(0.8).decide("1-3");
  else log.replaceCell("5 edges", { removed: ["0-3"] }).replaceCell("4 edges", { removed: ["1-3"] });
  return log.trainFinalists(FINALISTS);
};
const scored = (strategy?: string) => answering(strategy).score(0.81, 0.97, 0.95);
const firstFinalist = (log: LogBuilder) => log.view.candidates.shown[0]?.id ?? 0;
const AFTER_2 = ["0-1", "0-2", "1-2", "2-3"];

async function show(log: LogBuilder, now: object = telemetry, at = "/searches/s1") {
  await openSearch(at);
  await receive(eventsOf(log.events), now);
}
const ended = (status: string) => ({ ...telemetry, status, architecture: "a1" });
const region = (name: string) => within(screen.getByRole("region", { name }));
const details = () => screen.getByRole("complementary", { name: "Details" }).textContent;
const events = () => screen.getByRole("list", { name: /^Events/ }).textContent;

describe("while the finalists train", () => {
  const work = (...curves: number[][]) =>
    curves.map((curve, index) => ({
      round: 3,
      about: [firstFinalist(answering()) + index],
      status: index === 0 ? "done" : "running",
      // of long trainings every tenth epoch
      curve: curve.map((val_accuracy, i) => ({
        epoch: 10 * (i + 1),
        train_loss: 1,
        val_loss: 1,
        val_accuracy,
      })),
    }));

  it("they are shown as finalists, by their best epoch, with how far each is", async () => {
    await show(answering(), { ...telemetry, work: work([0.5, 0.9, 0.8], [0.7]) });
    expect(region("Finalists").getByText("1 of 3 trained, best first")).toBeTruthy();
    expect(region("Finalists").getAllByRole("button")[0]?.textContent).toBe("4 edges of step 290.0%");
    expect(region("Finalists").getByText("epoch 10")).toBeTruthy();
    expect(screen.queryByRole("region", { name: "Candidates" })).toBeNull();
    expect(screen.getByText("Training 3 finalists: 1 of 3 trained")).toBeTruthy();
  });

  it("none of them leads to a next step", async () => {
    await show(answering(), { ...telemetry, work: work([0.9]) });
    expect(document.querySelector('[data-first="true"]')).toBeNull();
    expect(document.querySelector("[data-state='next']")).toBeNull();
  });

  it("the page says what happens, and the steps and events too", async () => {
    await show(answering());
    const what =
      "The steps are done. The 3 best cells that fit are trained once more, from scratch and longer. The best of them becomes the answer.";
    expect(details()).toContain(what);
    expect(events()).toMatch(/^Training 3 finalists/);
    expect(region("Steps").getByText("last step")).toBeTruthy();
  });

  it("the graph and the limits cannot be edited, and the reason is there", async () => {
    await show(answering(), telemetry, "/searches/s1?edge=0-1");
    const note = within(screen.getByRole("complementary", { name: "Edge 0→1" }));
    for (const name of ["Lock", "Cut"]) {
      const button = note.getByRole<HTMLButtonElement>("button", { name });
      expect([button.disabled, button.title]).toEqual([true, NO_EDITS]);
    }
    expect(note.getByText(NO_EDITS)).toBeTruthy();
    expect(note.queryByLabelText("Reason")).toBeNull();
    expect(note.getByText("kept")).toBeTruthy();
    const change = screen.getByRole<HTMLButtonElement>("button", { name: "Change" });
    expect([change.disabled, change.title]).toEqual([true, NO_EDITS]);
  });

  it("keys do not edit the graph either", async () => {
    await show(answering(), telemetry, "/searches/s1?edge=0-1");
    fireEvent.keyDown(screen.getByRole("application"), { key: "l" });
    expect(sentCommands()).toEqual([]);
  });

  it("stopping says what the answer would be", async () => {
    await show(answering());
    fireEvent.click(screen.getByRole("button", { name: "Stop" }));
    expect(
      screen.getByText(/best candidate of the steps as its answer. The trainings of the finalists are/),
    ).toBeTruthy();
  });
});

describe("the trainings of finalists", () => {
  it.each(["autoshrink", "random"])("are no candidates of a step in the charts of %s", async (strategy) => {
    const log = scored(strategy);
    server.answers["GET /api/searches/{id}/candidates"] = () => candidatePage(log.events);
    await show(log, { ...telemetry, candidates: log.events.length });
    await waitFor(() => expect(region("Score history").getByRole("img")).toBeTruthy());
    const before = region("Score history").getByRole("img").outerHTML;
    log.finish({ edges: AFTER_2, step: 2, quality: 0.97 });
    await receive(eventsOf(log.events), { ...ended("finished"), candidates: log.events.length });
    await waitFor(() => expect(requestsTo("GET /api/searches/{id}/candidates")).toHaveLength(2));
    expect(region("Score history").getByRole("img").outerHTML).toBe(before);
  });

  it("are no evidence on edges", () => {
    const log = answering();
    const before = log.view.edges.map(({ tests, importance }) => [tests, importance]);
    log.score(0.81, 0.97).finish({ edges: AFTER_2, step: 2, quality: 0.97 });
    expect(log.view.edges.map(({ tests, importance }) => [tests, importance])).toEqual(before);
  });
});

describe("the answer", () => {
  it("has the one number that its longer training measured", async () => {
    await show(scored().finish({ edges: AFTER_2, step: 2, quality: 0.97 }), ended("finished"));
    expect(details()).toContain("Answer step 2");
    expect(details()).toContain("Trained from scratch, longer than candidates.");
    expect(details()).toContain("Validation accuracy97.0%");
    expect(events()).toContain("Search ended: all steps are done; its answer has accuracy 97.0%");
    expect(screen.getByText("Search finished after 2 steps. Its answer: accuracy 97.0%.")).toBeTruthy();
  });

  it("is what the page shows: its cell and its costs, not those of the last step", async () => {
    await show(scored("random").finish({ edges: ["0-1"], step: 2, quality: 0.97 }), ended("finished"));
    expect(screen.getByRole("heading", { level: 2, name: /^Answer/ })).toBeTruthy();
    const active = [...document.querySelectorAll("[data-edge]:not([data-state='removed'])")];
    expect(new Set(active.map((edge) => edge.getAttribute("data-edge")))).toEqual(new Set(["0-1"]));
    expect(region("Budgets").getByText("20 k")).toBeTruthy();
    expect(region("Steps").getByRole("button", { name: "Answer" }).getAttribute("aria-current")).toBe("step");
  });

  it("leaves the last step and the finalists to be looked at", async () => {
    const log = scored().finish({ edges: AFTER_2, step: 2, quality: 0.97 });
    await show(log, ended("finished"), "/searches/s1?step=2");
    expect(screen.getByRole("heading", { level: 2, name: "Cell at step 2" })).toBeTruthy();
    expect(region("Candidates").getByText("Candidates for step 3")).toBeTruthy();
    fireEvent.click(region("Steps").getByRole("button", { name: "Finalists" }));
    expect(region("Finalists").getByText("3 of 3 trained, best first")).toBeTruthy();
    expect(screen.queryByRole("button", { name: "Change" })).toBeNull();
    fireEvent.click(screen.getByRole("button", { name: "Go to the answer" }));
    expect(screen.getByRole("heading", { level: 2, name: /^Answer/ })).toBeTruthy();
  });

  it("is marked among the best steps, whose scores are those of their decisions", async () => {
    await show(scored().finish({ edges: AFTER_2, step: 2, quality: 0.97 }), ended("finished"));
    const [marked, ...others] = region("Best steps").getAllByText("cell of the answer");
    expect(others).toEqual([]);
    expect(marked?.closest("li")?.textContent).toContain("Step 2");
    expect(region("Best steps").getByText("when decided", { exact: false })).toBeTruthy();
  });

  it("may be a candidate that no step chose", async () => {
    await show(scored("random").finish({ edges: ["0-1"], step: 2, quality: 0.97 }), ended("finished"));
    expect(details()).toContain("Answer candidate of step 2");
    expect(region("Best steps").queryByText("cell of the answer")).toBeNull();
  });

  it("of a search that was stopped is its best candidate", async () => {
    const log = answering().finish({ edges: AFTER_2, step: 2, quality: 0.9, early: true }, "stopped");
    await show(log, ended("stopped"));
    expect(details()).toContain("Measured by its short training as a candidate.");
    expect(details()).toContain("Validation accuracy90.0%");
  });

  it("stays the best candidate where the training of every finalist failed", async () => {
    const log = answering().finish({ edges: AFTER_2, step: 2, quality: 0.9, early: true });
    await show(log, ended("finished"));
    expect(details()).toContain("Measured by its short training as a candidate.");
  });

  it("is missing where no cell fits", async () => {
    await show(new LogBuilder().decide("0-3").finish(null), ended("finished"));
    expect(details()).toContain("No answer");
    expect(details()).toContain("No cell fitted all limits, so there is no answer.");
  });
});
