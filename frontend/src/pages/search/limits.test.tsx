// Changing limits and cost weight while the search runs.
import { fireEvent, screen, waitFor, within } from "@testing-library/react";
import { describe, expect, it, vi } from "vitest";
import { ErrorAnswer, server } from "../../testing/fakeServer";
import { BUDGET, LogBuilder } from "../../testing/logBuilder";

vi.mock("../../api/client", async (original) => ({
  ...(await original<typeof import("../../api/client")>()),
  api: (await import("../../testing/fakeServer")).server.api,
}));

const { telemetry, sentCommands, eventsOf, openSearch, receive, pendingCommand, setUpSearchPage } =
  await import("../../testing/searchPage");

setUpSearchPage();

const plate = () => within(screen.getByRole("region", { name: "Budgets" }));
const type = (label: string, value: string) =>
  fireEvent.change(plate().getByLabelText(label), { target: { value } });
const applyLimits = () => fireEvent.click(plate().getByRole("button", { name: "Apply" }));

async function changing(pending = telemetry.pending) {
  await openSearch();
  await receive(eventsOf(new LogBuilder().events), { ...telemetry, pending });
  fireEvent.click(plate().getByRole("button", { name: "Change" }));
}

describe("limits", () => {
  it("are sent together, with the reason", async () => {
    await changing();
    type("Parameters", "50k");
    type("MACs", "400 k");
    type("Reason", "the smaller board");
    applyLimits();
    const budget = { ...BUDGET, params: 50_000, macs: 400_000 };
    await waitFor(() =>
      expect(sentCommands()).toEqual([{ kind: "set_budget", budget, reason: "the smaller board" }]),
    );
    await waitFor(() => expect(plate().queryByRole("form")).toBeNull());
  });

  it("include latency, measured on the chosen device", async () => {
    server.answers["GET /api/devices"] = [{ id: "d1", name: "Bench board", seen_at: null }];
    await changing();
    expect(plate().queryByLabelText("Measured on")).toBeNull();
    type("Latency", "2.5");
    await screen.findByRole("option", { name: "Bench board, not connected yet" });
    type("Measured on", "d1");
    applyLimits();
    const budget = { ...BUDGET, latency: 2_500, device: "d1" };
    await waitFor(() => expect(sentCommands()).toEqual([{ kind: "set_budget", budget }]));
  });

  it("are removed when a field is emptied", async () => {
    await changing();
    type("Parameters", "");
    applyLimits();
    await waitFor(() =>
      expect(sentCommands()).toEqual([{ kind: "set_budget", budget: { ...BUDGET, params: null } }]),
    );
  });

  it("have the bounds that the server names", async () => {
    await changing();
    type("Parameters", "1000001 M");
    applyLimits();
    expect(plate().getByText(/^Enter at most 1,?000/)).toBeTruthy();
    expect(sentCommands()).toEqual([]);
  });

  it("are shown with the range between the smallest and the largest cell", async () => {
    await openSearch();
    await receive(eventsOf(new LogBuilder().events), telemetry);
    expect(plate().getAllByText(/^smallest cell .+, largest cell /)).toHaveLength(3);
  });

  it("that are refused keep the typed text, with the server's message", async () => {
    const why = "Params 7,594 over 1,000, even for the smallest cell that can be reached.";
    server.answers["POST /api/searches/{id}/commands"] = new ErrorAnswer(409, [
      { code: "conflict", detail: why, attr: null },
    ]);
    await changing();
    type("Parameters", "1");
    type("Reason", "tiny");
    applyLimits();
    expect((await plate().findByRole("alert")).textContent).toBe(`Refused: ${why}`);
    expect(plate().getByLabelText<HTMLInputElement>("Parameters").value).toBe("1");
    expect(plate().getByLabelText<HTMLInputElement>("Reason").value).toBe("tiny");
  });

  it("that are zero have a sentence of their own, which replaces an earlier refusal", async () => {
    server.answers["POST /api/searches/{id}/commands"] = new ErrorAnswer(409, [
      { code: "conflict", detail: "Too small.", attr: null },
    ]);
    await changing();
    type("Parameters", "1");
    applyLimits();
    await plate().findByRole("alert");
    type("Parameters", "0");
    applyLimits();
    expect(plate().getByText("Enter at least 1, or leave the field empty for no limit")).toBeTruthy();
    expect(plate().queryByRole("alert")).toBeNull();
  });

  it("that are not numbers are not sent", async () => {
    await changing();
    type("Parameters", "few");
    applyLimits();
    expect(
      plate().getByText("Enter a number, such as 67 k, or leave the field empty for no limit"),
    ).toBeTruthy();
    expect(sentCommands()).toEqual([]);
  });

  it("that did not change are not sent", async () => {
    await changing();
    applyLimits();
    await waitFor(() => expect(plate().queryByRole("form")).toBeNull());
    expect(sentCommands()).toEqual([]);
  });

  it("that are pending show their author, and a second change starts from them", async () => {
    await changing([pendingCommand("set_budget", { budget: { ...BUDGET, params: 40_000 } })]);
    expect(plate().getByRole("status").textContent).toContain("Rev asked for limits: parameters ≤ 40\u202fk");
    expect(plate().getByLabelText<HTMLInputElement>("Parameters").value).toBe("40 k");
    expect(plate().getByText("= 40,000 parameters")).toBeTruthy();
  });
});

describe("the cost weight", () => {
  it("is sent as its own command", async () => {
    await changing();
    type("Cost weight", "0,25");
    applyLimits();
    await waitFor(() => expect(sentCommands()).toEqual([{ kind: "set_weight", weight: 0.25 }]));
  });
});
