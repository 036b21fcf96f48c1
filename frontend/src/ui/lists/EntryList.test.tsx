import { act, fireEvent, screen, waitFor, within } from "@testing-library/react";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { ModelRow } from "../../api/types";
import { ErrorAnswer, pageOf, renderPage, server } from "../../testing/fakeServer";
import { ascending, descending } from "./address";
import { CountOf, EntryList } from "./EntryList";
import type { TableDefinition } from "./EntryTable";
import { useList } from "./useList";

vi.mock("../../api/client", async (original) => ({
  ...(await original<typeof import("../../api/client")>()),
  api: (await import("../../testing/fakeServer")).server.api,
}));

const TABLE: TableDefinition<ModelRow> = {
  id: (row) => row.id,
  entry: (row) => row,
  nameSort: ascending("name", "Name"),
  columns: [{ title: "Started", sorts: [descending("created_at", "Started")], cell: () => "today" }],
};

function Page() {
  const list = useList("models");
  return (
    <>
      <CountOf list={list} />
      <EntryList list={list} definition={TABLE} empty={<p>None at all.</p>} />
    </>
  );
}

const LIST = "GET /api/models";
const row = (id: string) => ({ id, name: `Model ${id}`, tags: ["edge"], archived: false });
const queries = () => server.requests.filter(({ what }) => what === LIST).map(({ params }) => params?.query);

afterEach(() => vi.useRealTimers());
beforeEach(() => {
  server.reset();
  server.answers = {
    "GET /api/engine": { strategies: [] },
    [LIST]: pageOf([row("a")]),
    "GET /api/models/facets": {
      status: [
        { value: "running", name: "running", count: 4 },
        { value: "failed", name: "failed", count: 1 },
      ],
      owner: [{ value: "7", name: "Ada", count: 5 }],
      tag: [{ value: "Edge", name: "Edge", count: 2 }],
    },
  };
});

describe("a list", () => {
  it("offers each filter with its counts, and writes what is chosen to the URL", async () => {
    const router = renderPage(Page, "/catalog/models");
    fireEvent.click(await screen.findByRole("button", { name: "Status" }));
    const box = screen.getByRole("dialog", { name: "Status" });
    expect(within(box).getByRole("checkbox", { name: "Running 4" })).toBeTruthy();
    fireEvent.click(within(box).getByRole("checkbox", { name: "Failed 1" }));
    await waitFor(() => expect(router.state.location.search).toBe("?status=failed"));
    await waitFor(() =>
      expect(queries()).toContainEqual({ status: ["failed"], sort: "-created_at", page: 1 }),
    );
    expect(screen.getByRole("button", { name: "Status 1 chosen" })).toBeTruthy();
    expect(screen.queryByRole("button", { name: "Method" })).toBeNull(); // no row has one
  });

  it("shows its rows with the filters above them, not before", async () => {
    let arrive = (_: object) => {};
    server.answers["GET /api/models/facets"] = () => new Promise((done) => (arrive = done));
    renderPage(Page, "/catalog/models");
    await screen.findByText("1 trained model");
    expect(screen.queryByRole("link", { name: "Model a" })).toBeNull();
    await act(async () => arrive({ tag: [] }));
    await screen.findByRole("link", { name: "Model a" });
  });

  it("is the same when its link is opened", async () => {
    renderPage(Page, "/catalog/models?owner=7&tag=edge&archived=all&sort=name&page=2", "/catalog/models");
    await screen.findByRole("link", { name: "Model a" });
    expect(queries()[0]).toEqual({ owner: ["7"], tag: ["edge"], archived: "all", sort: "name", page: 2 });
    const active = screen.getByRole("list", { name: "Active filters" });
    await waitFor(() => expect(active.textContent).toContain("Owner: Ada"));
    expect(active.textContent).toContain("Tag: Edge");
    expect(screen.getByRole("columnheader", { name: /Name/ }).getAttribute("aria-sort")).toBe("ascending");
    expect(screen.getByText("1 trained model with these filters")).toBeTruthy();
  });

  it("waits until somebody has typed, then starts at the first page", async () => {
    const router = renderPage(Page, "/catalog/models?page=3", "/catalog/models");
    const field = await screen.findByRole("searchbox");
    for (const value of ["p", "po", "porch "]) fireEvent.change(field, { target: { value } });
    await waitFor(() => expect(router.state.location.search).toBe("?text=porch"));
    await waitFor(() => expect(queries().map((query) => query?.text)).toEqual([undefined, "porch"]));
  });

  describe("while somebody types", () => {
    const PAUSE = 250;
    async function typing(at: string) {
      const router = renderPage(Page, at, "/catalog/models");
      const field = () => screen.getByRole<HTMLInputElement>("searchbox");
      await screen.findByRole("link", { name: "Model a" });
      vi.useFakeTimers();
      const type = (value: string) => fireEvent.change(field(), { target: { value } });
      const pass = (ms: number) => act(() => vi.advanceTimersByTimeAsync(ms));
      return { router, field, type, pass, search: () => router.state.location.search };
    }

    it("keeps the letters that come before the URL has the earlier ones", async () => {
      const { field, type, pass, search } = await typing("/catalog/models");
      type("po");
      vi.advanceTimersByTime(PAUSE); // the URL is on its way
      type("por");
      await pass(PAUSE - 1);
      expect([search(), field().value]).toEqual(["?text=po", "por"]);
      await pass(1);
      expect([search(), field().value]).toEqual(["?text=por", "por"]);
    });

    it("keeps a space between two words", async () => {
      const { field, type, pass, search } = await typing("/catalog/models");
      type("porch ");
      await pass(PAUSE);
      expect([search(), field().value]).toEqual(["?text=porch", "porch "]);
      type("porch lamp");
      await pass(PAUSE);
      expect(search()).toBe("?text=porch+lamp");
      type("porch lam");
      type("porch lamp");
      await pass(PAUSE);
      expect([search(), field().value]).toEqual(["?text=porch+lamp", "porch lamp"]);
    });

    it.each(["/catalog/models?status=failed", "/catalog/models?text=oak&status=failed"])(
      "drops what waits when the filters of %s are cleared",
      async (at) => {
        const { field, type, pass, search } = await typing(at);
        type("porch");
        await pass(PAUSE - 1);
        fireEvent.click(screen.getByRole("button", { name: "Clear all" }));
        await pass(4 * PAUSE);
        expect([search(), field().value]).toEqual(["", ""]);
        type("elm");
        await pass(PAUSE);
        expect(search()).toBe("?text=elm");
      },
    );

    it("follows the browser's buttons, and drops what waits", async () => {
      const { router, field, type, pass, search } = await typing("/catalog/models?text=oak");
      type("porch");
      await act(() => router.navigate("/catalog/models?text=elm"));
      await pass(4 * PAUSE);
      expect([search(), field().value]).toEqual(["?text=elm", "elm"]);
    });
  });

  it("says which filters hide everything, and drops them one by one or at once", async () => {
    server.answers[LIST] = ({ params }: { params?: { query?: { text?: string } } }) =>
      params?.query?.text ? pageOf([]) : pageOf([row("a")]);
    const router = renderPage(Page, "/catalog/models?text=oak&status=failed", "/catalog/models");
    expect(
      await screen.findByText("No trained model fits all of these filters: Text: “oak” and Status: Failed."),
    ).toBeTruthy();
    fireEvent.click(screen.getByRole("button", { name: "Remove the filter Text: “oak”" }));
    await waitFor(() => expect(router.state.location.search).toBe("?status=failed"));
    fireEvent.click(await screen.findByRole("button", { name: "Clear all" }));
    await waitFor(() => expect(router.state.location.search).toBe(""));
    expect(await screen.findByRole("link", { name: "Model a" })).toBeTruthy();
  });

  it("says that all are archived, and shows them", async () => {
    server.answers[LIST] = ({ params }: { params?: { query?: { archived?: string } } }) =>
      pageOf(params?.query?.archived ? [row("a"), row("b")] : []);
    renderPage(Page, "/catalog/models");
    fireEvent.click(await screen.findByRole("button", { name: "Show 2 archived trained models" }));
    expect(await screen.findByRole("link", { name: "Model b" })).toBeTruthy();
  });

  it("does not blame what lists more rows", async () => {
    server.answers[LIST] = pageOf([]);
    renderPage(Page, "/catalog/models?tag=edge&archived=all", "/catalog/models");
    expect(await screen.findByText("No trained model fits this filter: Tag: Edge.")).toBeTruthy();
  });

  it("says what to do where there is nothing yet", async () => {
    server.answers[LIST] = pageOf([]);
    renderPage(Page, "/catalog/models");
    expect(await screen.findByText("None at all.")).toBeTruthy();
  });

  it("returns to its first page when the page of a link is there no more", async () => {
    server.answers[LIST] = ({ params }: { params?: { query?: { page?: number } } }) =>
      params?.query?.page === 9 ? new ErrorAnswer(404, []) : pageOf([row("a")]);
    const router = renderPage(Page, "/catalog/models?page=9", "/catalog/models");
    expect(await screen.findByRole("link", { name: "Model a" })).toBeTruthy();
    expect(router.state.location.search).toBe("");
  });

  it("says what is wrong with a link, which can be cleared", async () => {
    server.answers[LIST] = ({ params }: { params?: { query?: { status?: string[] } } }) =>
      params?.query?.status
        ? new ErrorAnswer(400, [{ code: "invalid", detail: "There is no such status.", attr: "status" }])
        : pageOf([row("a")]);
    renderPage(Page, "/catalog/models?status=lost", "/catalog/models");
    expect((await screen.findByRole("alert")).textContent).toContain("There is no such status.");
    fireEvent.click(screen.getByRole("button", { name: "Clear all" }));
    expect(await screen.findByRole("link", { name: "Model a" })).toBeTruthy();
    expect(screen.queryByRole("alert")).toBeNull();
  });

  it("can be ordered without its heads", async () => {
    const router = renderPage(Page, "/catalog/models");
    fireEvent.change(await screen.findByRole("combobox", { name: "Order" }), { target: { value: "-name" } });
    await waitFor(() => expect(router.state.location.search).toBe("?sort=-name"));
  });
});
