// Going back: a rollback says what it does, a fork is a search of its own, a branch that was left can be looked at.
import { fireEvent, screen, waitFor, within } from "@testing-library/react";
import { describe, expect, it, vi } from "vitest";
import { Refusal, server } from "../../testing/harness";
import { Story } from "../../testing/story";

vi.mock("../../api/client", async (original) => ({
  ...(await original<typeof import("../../api/client")>()),
  api: (await import("../../testing/harness")).server.api,
}));

const { beside, commands, eventsOf, open, question, row, says, sent, waits, watched } = await import(
  "../../testing/watched"
);

watched();

const story = () => new Story().decided("1-2").decided("1-3");
const button = (name: string) => screen.getByRole<HTMLButtonElement>("button", { name });

async function watching(at = "", told = story(), around: object = beside) {
  const router = await open(`/searches/s1${at}`);
  await says(eventsOf(told.events), around);
  return router;
}

describe("a rollback", () => {
  it("says what will happen before it does", async () => {
    await watching("?step=1", story(), { ...beside, pending: [waits("lock", { edge: "0-1" })] });
    fireEvent.click(button("Roll back to here"));
    const text = question().textContent;
    expect(text).toContain("Roll back to step 1?");
    expect(text).toContain("stays to be looked at as branch 0");
    expect(text).toContain("Withdrawn at once: the round that runs and 1 command that waits.");
    fireEvent.click(within(question()).getByText("Go on as it is"));
    expect(commands()).toEqual([]);
  });

  it("is sent with its step, its branch and why", async () => {
    await watching("?step=1");
    fireEvent.click(button("Roll back to here"));
    fireEvent.change(within(question()).getByLabelText("Why"), { target: { value: "wrong turn" } });
    fireEvent.click(within(question()).getByText("Roll back"));
    await waitFor(() =>
      expect(commands()).toEqual([{ kind: "rollback", step: 1, branch: 0, reason: "wrong turn" }]),
    );
    await waitFor(() => expect(document.querySelector("dialog[open]")).toBeNull());
  });

  it("that is refused says why in the question, which stays with what was typed", async () => {
    server.answers["POST /api/searches/{id}/commands"] = new Refusal(409, [
      { code: "conflict", detail: "Step 1 was not reached.", attr: null },
    ]);
    await watching("?step=1");
    fireEvent.click(button("Roll back to here"));
    fireEvent.change(within(question()).getByLabelText("Why"), { target: { value: "wrong turn" } });
    fireEvent.click(within(question()).getByText("Roll back"));
    expect((await within(question()).findByRole("alert")).textContent).toBe(
      "Refused: Step 1 was not reached.",
    );
    expect(within(question()).getByLabelText<HTMLInputElement>("Why").value).toBe("wrong turn");
  });

  it("is for an earlier step of a search that runs", async () => {
    await watching();
    expect(button("Roll back to here").disabled).toBe(true);
    fireEvent.click(button("Step 0, 6 edges"));
    expect(button("Roll back to here").disabled).toBe(false);
    await says({ ...beside, status: "stopped" });
    expect(button("Roll back to here").disabled).toBe(true);
    expect(button("Fork from here").disabled).toBe(false);
  });

  it("is a way out of a search that failed, also to the step it is at", async () => {
    await watching("", story(), { ...beside, status: "failed", error: "No outcome." });
    fireEvent.click(button("Roll back to here"));
    expect(question().textContent).toContain("Withdrawn at once: the round that failed.");
    fireEvent.click(within(question()).getByText("Roll back"));
    await waitFor(() => expect(commands()).toEqual([{ kind: "rollback", step: 2, branch: 0 }]));
  });
});

describe("a fork", () => {
  it("leads to the new search", async () => {
    server.answers["POST /api/searches/{id}/fork"] = { ...row, id: "s2" };
    const router = await watching("?step=1");
    fireEvent.click(button("Fork from here"));
    fireEvent.change(within(question()).getByLabelText("Name"), { target: { value: "Another way" } });
    fireEvent.click(within(question()).getByText("Fork"));
    await waitFor(() => expect(router.state.location.pathname).toBe("/searches/s2"));
    expect(sent("POST /api/searches/{id}/fork").map((a) => a.body)).toEqual([
      { step: 1, branch: 0, name: "Another way" },
    ]);
  });

  it("says where it comes from", async () => {
    server.answers["GET /api/searches/{id}"] = {
      ...row,
      parent: { search: "s0", name: "First try", branch: 2, step: 1 },
    };
    await watching("", story().forked(1));
    expect(screen.getByText(/^Forked from/).textContent).toBe("Forked from First try at step 1");
    expect(screen.getByRole("link", { name: "First try" }).getAttribute("href")).toBe(
      "/searches/s0?branch=2&step=1",
    );
    expect(screen.getAllByRole("button", { name: /^Step \d/ })).toHaveLength(1);
  });
});

describe("branches", () => {
  const rolled = () => story().rolledBack(1).decided("0-1");

  it("are not spoken of while there is one", async () => {
    await watching();
    expect(screen.queryByLabelText("Branch")).toBeNull();
  });

  it("that were left are looked at as they were, with nothing to steer, and a way back", async () => {
    const left = story().view;
    server.answers["GET /api/searches/{id}/view"] = { seq: left.seq, view: left };
    const router = await watching("?edge=0-1", rolled());
    fireEvent.change(screen.getByLabelText("Branch"), { target: { value: "0" } });
    expect(await screen.findByText("You are looking at branch 0 as it was left at step 2.")).toBeTruthy();
    expect(sent("GET /api/searches/{id}/view").map((a) => a.params?.query)).toEqual([{ branch: 0 }]);
    expect(router.state.location.search).toContain("branch=0");
    const note = within(screen.getByRole("complementary"));
    expect(note.getByRole("heading", { level: 3 }).textContent).toContain("0→1");
    expect(note.queryByRole("button")).toBeNull();
    expect(screen.queryByRole("button", { name: "Change" })).toBeNull();
    fireEvent.click(button("Back to the newest branch"));
    expect(screen.queryByText(/^You are looking at/)).toBeNull();
    await waitFor(() => expect(router.state.location.search).not.toContain("branch"));
  });

  it("stay where they are while the newest goes on", async () => {
    const left = story().view;
    const told = rolled();
    server.answers["GET /api/searches/{id}/view"] = { seq: left.seq, view: left };
    await watching("?branch=0", told);
    await screen.findByText(/^You are looking at branch 0/);
    const before = told.events.length;
    told.decided("0-2");
    await says(eventsOf(told.events, told.events.length, before + 1));
    expect(screen.getByRole("heading", { level: 2, name: "Cell at step 2" })).toBeTruthy();
  });

  it("take the steps they undid with them: a page that showed one follows the newest", async () => {
    const told = story();
    const router = await watching("?step=1", told);
    expect(screen.getByRole("heading", { level: 2, name: "Cell at step 1" })).toBeTruthy();
    const before = told.events.length;
    const back = told.rolledBack(0).events.length;
    await says(eventsOf(told.events, back, before + 1));
    told.decided("0-1").decided("0-2");
    await says(eventsOf(told.events, told.events.length, back + 1));
    expect(screen.getByRole("heading", { level: 2, name: "Cell at step 2" })).toBeTruthy();
    await waitFor(() => expect(router.state.location.search).not.toContain("step"));
  });

  it("are told apart in the list of events", async () => {
    await watching("", rolled());
    const events = within(screen.getByRole("list", { name: /^Events/ }));
    const lines = events.getAllByRole("listitem").map((li) => li.textContent);
    expect(lines.some((line) => line?.includes("Yan rolled back to step 1"))).toBe(true);
    expect(lines.filter((line) => line?.includes("in a branch that was left"))).toHaveLength(1);
  });
});
