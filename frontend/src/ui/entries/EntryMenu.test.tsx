import { act, fireEvent, screen, waitFor, within } from "@testing-library/react";
import { beforeEach, describe, expect, it, vi } from "vitest";
import { ErrorAnswer, renderPage, server } from "../../testing/fakeServer";
import { REQUEST_LIMITS } from "../../testing/requestLimits";
import { EntryMenu } from "./EntryMenu";
import { useNotices } from "./notices";
import { UndoNotices } from "./UndoNotices";

vi.mock("../../api/client", async (original) => ({
  ...(await original<typeof import("../../api/client")>()),
  api: (await import("../../testing/fakeServer")).server.api,
}));

const ONE = "/api/architectures/{id}";
const porch = { name: "Porch", tags: ["edge"], archived: false };

function opened({ entry = porch, fixed = null as string | null } = {}) {
  const router = renderPage(
    () => (
      <>
        <EntryMenu family="architectures" id="a1" entry={entry} fixed={fixed} />
        <UndoNotices />
      </>
    ),
    "/catalog",
  );
  fireEvent.click(screen.getByRole("button", { name: "Actions for Porch" }));
  return router;
}

/** As when the window gets the focus again. */
async function readAgain() {
  const before = sent(`GET ${ONE}`).length;
  act(() => void window.dispatchEvent(new Event("visibilitychange")));
  await waitFor(() => expect(sent(`GET ${ONE}`).length).toBeGreaterThan(before));
  await act(async () => {});
}

const press = (name: string) => fireEvent.click(screen.getByRole("button", { name }));
const sent = (method: string) => server.requests.filter(({ what }) => what.startsWith(method));
const changed = () => sent("PATCH").map(({ body }) => body);

beforeEach(() => {
  server.reset();
  useNotices.setState({ shown: [] });
  server.answers = {
    "GET /api/engine": { limits: REQUEST_LIMITS },
    "GET /api/architectures/facets": {
      tag: [
        { value: "edge", name: "edge", count: 3 },
        { value: "Night", name: "Night", count: 1 },
      ],
    },
    [`GET ${ONE}`]: { notes: "Found on a Sunday." },
    [`PATCH ${ONE}`]: {},
    [`DELETE ${ONE}`]: { until: "2026-11-25T10:00:00Z" },
    [`POST ${ONE}/restore`]: {},
  };
});

describe("an entry", () => {
  it("is renamed", async () => {
    opened();
    press("Rename…");
    fireEvent.change(screen.getByRole("textbox", { name: "Name" }), { target: { value: " Porch, night " } });
    press("Save");
    await waitFor(() => expect(changed()).toEqual([{ name: "Porch, night", previous: { name: "Porch" } }]));
    await waitFor(() => expect(screen.queryByRole("dialog")).toBeNull());
  });

  it("keeps what was typed when the server refuses it, and says why", async () => {
    server.answers[`PATCH ${ONE}`] = new ErrorAnswer(400, [
      { code: "invalid", detail: "A name is one line.", attr: "name" },
    ]);
    opened();
    press("Rename…");
    fireEvent.change(screen.getByRole("textbox", { name: "Name" }), { target: { value: "Two" } });
    press("Save");
    expect((await screen.findByRole("alert")).textContent).toBe("Not saved: A name is one line.");
    expect(screen.getByRole<HTMLInputElement>("textbox", { name: "Name" }).value).toBe("Two");
  });

  it("shows its notes and takes new ones", async () => {
    opened();
    press("Notes…");
    const field = await screen.findByRole<HTMLTextAreaElement>("textbox", { name: "Notes" });
    expect(field.value).toBe("Found on a Sunday.");
    fireEvent.change(field, { target: { value: "" } });
    press("Save");
    await waitFor(() =>
      expect(changed()).toEqual([{ notes: "", previous: { notes: "Found on a Sunday." } }]),
    );
  });

  it("shows what somebody else wrote meanwhile before it is replaced", async () => {
    opened();
    press("Notes…");
    fireEvent.change(await screen.findByRole("textbox", { name: "Notes" }), { target: { value: "Mine." } });
    server.answers[`GET ${ONE}`] = { notes: "Theirs." };
    server.answers[`PATCH ${ONE}`] = new ErrorAnswer(409, [
      { code: "outdated", detail: "Somebody changed the notes meanwhile.", attr: null },
    ]);
    press("Save");
    await screen.findByText("Theirs.");
    expect(screen.getByRole("alert").textContent).toBe("Not saved: Somebody changed the notes meanwhile.");
    server.answers[`PATCH ${ONE}`] = {};
    press("Save");
    await waitFor(() => expect(screen.queryByRole("dialog")).toBeNull());
    expect(changed()[1]).toEqual({ notes: "Mine.", previous: { notes: "Theirs." } });
  });

  it("replaces only what it was opened with, though its page read a change of somebody else", async () => {
    opened();
    press("Notes…");
    fireEvent.change(await screen.findByRole("textbox", { name: "Notes" }), { target: { value: "Mine." } });
    server.answers[`GET ${ONE}`] = { notes: "Theirs." };
    await readAgain();
    press("Save");
    await waitFor(() =>
      expect(changed()).toEqual([{ notes: "Mine.", previous: { notes: "Found on a Sunday." } }]),
    );
  });

  it("keeps what was typed when a reading fails, as after the session has ended", async () => {
    opened();
    press("Notes…");
    const field = await screen.findByRole<HTMLTextAreaElement>("textbox", { name: "Notes" });
    fireEvent.change(field, { target: { value: "Mine." } });
    server.answers[`GET ${ONE}`] = new ErrorAnswer(401, []);
    await readAgain();
    expect(screen.getByRole<HTMLTextAreaElement>("textbox", { name: "Notes" })).toBe(field);
    expect(field.value).toBe("Mine.");
  });

  it("keeps what was typed at the first Escape, and says so", async () => {
    opened();
    press("Rename…");
    const pressEscape = () =>
      fireEvent(screen.getByRole("dialog"), new Event("cancel", { bubbles: false, cancelable: true }));
    const name = screen.getByRole<HTMLInputElement>("textbox", { name: "Name" });
    fireEvent.input(name, { target: { value: "Half" } });
    pressEscape();
    expect([name.value, screen.getByRole("alert").textContent]).toEqual([
      "Half",
      "Press Escape again to discard what you changed.",
    ]);
    pressEscape();
    await waitFor(() => expect(screen.queryByRole("dialog")).toBeNull());
  });

  it("gets tags by Enter and comma, each once in whatever case, and loses them by a press", async () => {
    opened();
    press("Tags…");
    const field = screen.getByLabelText<HTMLInputElement>("Add a tag");
    fireEvent.change(field, { target: { value: "EDGE, night," } });
    fireEvent.change(field, { target: { value: "porch" } });
    fireEvent.keyDown(field, { key: "Enter" });
    expect(field.value).toBe("");
    press("Remove the tag night");
    fireEvent.change(field, { target: { value: "last" } });
    press("Save");
    await waitFor(() =>
      expect(changed()).toEqual([{ tags: ["edge", "porch", "last"], previous: { tags: ["edge"] } }]),
    );
  });

  it("suggests the tags of others, without its own", async () => {
    opened();
    press("Tags…");
    const offered = () =>
      [...document.querySelectorAll("datalist option")].map((each) => each.getAttribute("value"));
    await waitFor(() => expect(offered()).toEqual(["Night"]));
  });

  it("is archived, and put back by Undo", async () => {
    opened();
    press("Archive");
    expect((await screen.findByRole("status")).textContent).toContain("“Porch” was archived");
    press("Undo");
    await screen.findByText("Undone.");
    expect(changed()).toEqual([{ archived: true }, { archived: false }]);
  });

  it("is deleted after a question, and restored by Undo", async () => {
    opened();
    press("Delete…");
    expect(sent("DELETE")).toEqual([]);
    fireEvent.click(within(screen.getByRole("dialog")).getByRole("button", { name: "Delete" }));
    expect(await screen.findByText(/“Porch” was deleted. It can be restored until/)).toBeTruthy();
    await waitFor(() => expect(document.activeElement?.textContent).toBe("Undo"));
    press("Undo");
    expect((await screen.findByRole("link", { name: "Open" })).getAttribute("href")).toBe(
      "/architectures/a1",
    );
    expect(sent("POST").map(({ what }) => what)).toEqual([`POST ${ONE}/restore`]);
  });

  it("says why Undo did not work, and stays to be tried again", async () => {
    server.answers[`POST ${ONE}/restore`] = new ErrorAnswer(409, [
      { code: "conflict", detail: "It needs “Leaves”, which was deleted.", attr: null },
    ]);
    opened();
    press("Delete…");
    fireEvent.click(within(screen.getByRole("dialog")).getByRole("button", { name: "Delete" }));
    fireEvent.click(await screen.findByRole("button", { name: "Undo" }));
    expect(await screen.findByText(/could not be undone: It needs “Leaves”/)).toBeTruthy();
    press("Dismiss");
    expect(screen.queryByText(/could not be undone/)).toBeNull();
  });

  it("stays while others depend on it, and names them with links", async () => {
    server.answers[`DELETE ${ONE}`] = new ErrorAnswer(
      409,
      [{ code: "in_use", detail: "“Porch” cannot be deleted: 1 model depends on it.", attr: null }],
      [{ family: "models", id: "m1", name: "Digits, seed 3" }],
    );
    opened();
    press("Delete…");
    fireEvent.click(within(screen.getByRole("dialog")).getByRole("button", { name: "Delete" }));
    expect((await screen.findByRole("alert")).textContent).toContain("1 model depends on it");
    expect(screen.getByRole("link", { name: "Digits, seed 3" }).getAttribute("href")).toBe("/models/m1");
    expect(screen.queryByRole("button", { name: "Undo" })).toBeNull();
  });

  it("is not deleted by a colleague, who reads who may", async () => {
    server.answers[`DELETE ${ONE}`] = new ErrorAnswer(403, [
      {
        code: "permission_denied",
        detail: "Only Ada, who created this, or an owner may delete it.",
        attr: null,
      },
    ]);
    opened();
    press("Delete…");
    fireEvent.click(within(screen.getByRole("dialog")).getByRole("button", { name: "Delete" }));
    expect((await screen.findByRole("alert")).textContent).toContain("Only Ada");
  });

  it("cannot be changed by a viewer, who reads why", async () => {
    server.answers["GET /api/me"] = { may_change: false };
    opened();
    expect(await screen.findByText("You have view-only access.")).toBeTruthy();
    for (const name of ["Rename…", "Notes…", "Tags…", "Archive", "Delete…"])
      expect(screen.getByRole<HTMLButtonElement>("button", { name }).disabled).toBe(true);
  });

  it("that is the same for all teams says so", () => {
    opened({ fixed: "Published architectures cannot be changed." });
    expect(screen.getByText("Published architectures cannot be changed.")).toBeTruthy();
    expect(screen.getByRole<HTMLButtonElement>("button", { name: "Delete…" }).disabled).toBe(true);
  });

  it("that is archived can be put back", async () => {
    opened({ entry: { ...porch, archived: true } });
    press("Unarchive");
    await waitFor(() => expect(changed()).toEqual([{ archived: false }]));
  });
});
