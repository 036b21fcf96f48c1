import { fireEvent, screen, waitFor } from "@testing-library/react";
import { expect, it, vi } from "vitest";
import { ErrorAnswer, type FakeRequest, server } from "../../testing/fakeServer";
import { go, launch, limit, opened, openedAt, sent, setting, type } from "../../testing/newSearchPage";

vi.mock("../../api/client", async (original) => ({
  ...(await original<typeof import("../../api/client")>()),
  api: (await import("../../testing/fakeServer")).server.api,
}));

it("saves a draft as it was typed, valid or not, and opens it again", async () => {
  let stored: unknown = null;
  server.answers["POST /api/drafts"] = ({ body }: FakeRequest) => {
    stored = body;
    return { id: "d7", version: 1, ...(body as object) };
  };
  server.answers["GET /api/drafts/{id}"] = () => ({ id: "d7", version: 1, ...(stored as object) });
  const router = await opened();
  type(setting("Search space", "Nodes"), "many");
  type(limit("MACs"), "plenty");
  fireEvent.click(screen.getByRole("button", { name: "Save as draft" }));
  await waitFor(() => expect(router.state.location.search).toBe("?draft=d7"));
  await screen.findByText(/^Draft: /);
  await screen.findByText("Saved as a draft");
  expect(setting("Search space", "Nodes").value).toBe("many");
  expect(limit("MACs").value).toBe("plenty");
  type(setting("Search space", "Nodes"), "7");
  server.answers["PUT /api/drafts/{id}"] = ({ body }: FakeRequest) => ({
    ...(body as object),
    id: "d7",
    version: 2,
  });
  fireEvent.click(screen.getByRole("button", { name: "Save as draft" }));
  await waitFor(() => expect(sent("PUT /api/drafts/{id}")[0]?.params?.path).toEqual({ id: "d7" }));
  type(setting("Search space", "Nodes"), "8");
  fireEvent.click(screen.getByRole("button", { name: "Save as draft" }));
  const versions = () =>
    sent("PUT /api/drafts/{id}").map(({ body }) => (body as { version: number }).version);
  await waitFor(() => expect(versions()).toEqual([1, 2]));
});

async function withAnOutdatedDraft() {
  const stored = { id: "d7", name: "Ours", draft: { seed: "4" }, version: 3 };
  server.answers["GET /api/drafts/{id}"] = () => ({ ...stored });
  const router = await openedAt("/searches/new?draft=d7");
  type(screen.getByLabelText("Seed"), "5");
  Object.assign(stored, { draft: { seed: "9" }, version: 4 });
  const detail = "Colleague changed this draft. Save this one as a new draft, or open the other.";
  server.answers["PUT /api/drafts/{id}"] = new ErrorAnswer(409, [{ code: "outdated", detail, attr: null }]);
  fireEvent.click(screen.getByRole("button", { name: "Save as draft" }));
  await screen.findByText(/Could not save\. Colleague changed this draft\./);
  return router;
}

it("saves a draft that somebody else changed as a new one, with what was typed", async () => {
  const router = await withAnOutdatedDraft();
  server.answers["POST /api/drafts"] = { id: "d8", version: 1 };
  server.answers["GET /api/drafts/{id}"] = { id: "d8", name: "Mine", draft: { seed: "5" }, version: 1 };
  fireEvent.click(screen.getByRole("button", { name: "Save as a new draft" }));
  await waitFor(() => expect(router.state.location.search).toBe("?draft=d8"));
  expect(sent("POST /api/drafts")[0]?.body).toMatchObject({ draft: { seed: "5" } });
  expect(sent("PUT /api/drafts/{id}")).toHaveLength(1);
});

it("opens the draft as somebody else changed it, and saves that version", async () => {
  await withAnOutdatedDraft();
  fireEvent.click(screen.getByRole("button", { name: "Discard mine, open the other" }));
  await waitFor(() => expect(screen.getByLabelText<HTMLInputElement>("Seed").value).toBe("9"));
  fireEvent.click(await screen.findByRole("button", { name: "Save as draft" }));
  await waitFor(() => expect(sent("PUT /api/drafts/{id}")[1]?.body).toMatchObject({ version: 4 }));
});

it("keeps the version that unsaved changes were made to through a reload", async () => {
  const stored = { id: "d7", name: "Ours", draft: { seed: "4" }, version: 3 };
  server.answers["GET /api/drafts/{id}"] = () => ({ ...stored });
  const router = await openedAt("/searches/new?draft=d7");
  type(screen.getByLabelText("Seed"), "5");
  await go(router, "/elsewhere");
  await screen.findByText("elsewhere");
  Object.assign(stored, { draft: { seed: "9" }, version: 4 });
  await go(router, "/searches/new?draft=d7");
  await waitFor(() => expect(screen.getByLabelText<HTMLInputElement>("Seed").value).toBe("5"));
  server.answers["PUT /api/drafts/{id}"] = { id: "d7", version: 4 };
  fireEvent.click(screen.getByRole("button", { name: "Save as draft" }));
  await waitFor(() => expect(sent("PUT /api/drafts/{id}")[0]?.body).toMatchObject({ version: 3 }));
});

it("keeps what is typed, and the focus, while a new draft is on its way", async () => {
  let arrive = () => {};
  server.answers["POST /api/drafts"] = ({ body }: FakeRequest) =>
    new Promise((resolve) => {
      arrive = () => resolve({ id: "d7", version: 1, ...(body as object) });
    });
  server.answers["PUT /api/drafts/{id}"] = ({ body }: FakeRequest) => ({
    id: "d7",
    version: 1,
    ...(body as object),
  });
  const router = await opened();
  type(screen.getByLabelText("Name"), "Por");
  fireEvent.click(screen.getByRole("button", { name: "Save as draft" }));
  await waitFor(() => expect(sent("POST /api/drafts")).toHaveLength(1));
  const name = screen.getByLabelText<HTMLInputElement>("Name");
  name.focus();
  type(name, "Porch");
  arrive();
  await waitFor(() => expect(router.state.location.search).toBe("?draft=d7"));
  expect(screen.getByText("Draft: Por")).toBeTruthy();
  expect([document.activeElement, name.value]).toEqual([name, "Porch"]);
  expect(screen.queryByText("Saved as a draft")).toBeNull();
  await go(router, "/elsewhere");
  await screen.findByText("elsewhere");
  server.answers["GET /api/drafts/{id}"] = sent("POST /api/drafts").map(({ body }) => ({
    id: "d7",
    version: 1,
    ...(body as object),
  }))[0];
  await go(router, "/searches/new?draft=d7");
  await screen.findByText(/unsaved changes are back/);
  expect(screen.getByLabelText<HTMLInputElement>("Name").value).toBe("Porch");
  fireEvent.click(screen.getByRole("button", { name: "Save as draft" }));
  await screen.findByText("Saved as a draft");
  expect(sent("POST /api/drafts")).toHaveLength(1);
  expect(sent("PUT /api/drafts/{id}")[0]?.body).toMatchObject({ name: "Porch" });
});

it("starts again after a draft was saved, and goes back to it", async () => {
  server.answers["POST /api/drafts"] = ({ body }: FakeRequest) => ({
    id: "d7",
    version: 1,
    ...(body as object),
  });
  server.answers["GET /api/drafts/{id}"] = () => ({
    id: "d7",
    ...(sent("POST /api/drafts")[0]?.body as object),
  });
  const router = await opened();
  type(screen.getByLabelText("Name"), "Porch");
  fireEvent.click(screen.getByRole("button", { name: "Save as draft" }));
  await waitFor(() => expect(router.state.location.search).toBe("?draft=d7"));
  const name = () => screen.findByLabelText<HTMLInputElement>("Name").then(({ value }) => value);
  await go(router, "/searches/new");
  await waitFor(async () => expect(await name()).toBe("Handwritten digits, 8 nodes"));
  expect(screen.queryByText("Draft: Porch")).toBeNull();
  await router.navigate(-1);
  await waitFor(async () => expect(await name()).toBe("Porch"));
});

it("stays where its user went while a new draft was on its way", async () => {
  let arrive = () => {};
  server.answers["POST /api/drafts"] = ({ body }: FakeRequest) =>
    new Promise((resolve) => {
      arrive = () => resolve({ id: "d7", version: 1, ...(body as object) });
    });
  const router = await opened();
  fireEvent.click(screen.getByRole("button", { name: "Save as draft" }));
  await waitFor(() => expect(sent("POST /api/drafts")).toHaveLength(1));
  await go(router, "/elsewhere");
  await screen.findByText("elsewhere");
  arrive();
  await new Promise((done) => setTimeout(done)); // after all that follows the answer
  expect(router.state.location).toMatchObject({ pathname: "/elsewhere", search: "" });
});

it("lists the drafts and deletes them", async () => {
  server.answers["GET /api/drafts"] = [
    {
      id: "d7",
      name: "Half done",
      version: 1,
      created_by: "Rev",
      changed_by: "Rev",
      updated_at: "2026-11-29T17:22:00Z",
    },
  ];
  server.answers["DELETE /api/drafts/{id}"] = () => {
    server.answers["GET /api/drafts"] = [];
    return null;
  };
  await opened();
  fireEvent.click(await screen.findByRole("button", { name: "a draft (1)" }));
  expect((await screen.findByRole("link", { name: /^Half done/ })).getAttribute("href")).toBe(
    "/searches/new?draft=d7",
  );
  fireEvent.click(screen.getByRole("button", { name: "Delete the draft Half done" }));
  await waitFor(() => expect(screen.queryByRole("link", { name: /^Half done/ })).toBeNull());
});

it("keeps unsaved changes through a reload and a visit to another page, until they are discarded", async () => {
  const router = await opened();
  type(setting("Search space", "Nodes"), "6");
  type(limit("MACs"), "2M");
  await go(router, "/elsewhere");
  await screen.findByText("elsewhere");
  await go(router, "/searches/new");
  const discard = await screen.findByRole("button", { name: "Discard them" });
  expect([setting("Search space", "Nodes").value, limit("MACs").value]).toEqual(["6", "2M"]);
  fireEvent.click(discard);
  expect(setting("Search space", "Nodes").value).toBe("8");
  await go(router, "/elsewhere");
  await screen.findByText("elsewhere");
  await go(router, "/searches/new");
  await waitFor(() => expect(setting("Search space", "Nodes").value).toBe("8"));
  expect(screen.queryByText(/unsaved changes/)).toBeNull();
});

it("forgets what was launched", async () => {
  const router = await opened();
  type(setting("Search space", "Nodes"), "6");
  await waitFor(() => expect(launch().disabled).toBe(false));
  fireEvent.click(launch());
  await waitFor(() => expect(router.state.location.pathname).toBe("/searches/s1"));
  await screen.findByText("elsewhere");
  await go(router, "/searches/new");
  await waitFor(() => expect(setting("Search space", "Nodes").value).toBe("8"));
});
