import { fireEvent, screen, waitFor } from "@testing-library/react";
import { expect, it, vi } from "vitest";
import { pageOf, server } from "../../testing/fakeServer";
import { choose, launch, limit, opened, openedAt, render, sent, setting } from "../../testing/newSearchPage";

vi.mock("../../api/client", async (original) => ({
  ...(await original<typeof import("../../api/client")>()),
  api: (await import("../../testing/fakeServer")).server.api,
}));

const EARLIER = {
  name: "Earlier",
  strategy: "autoshrink",
  dataset: "digits",
  space: "cnn",
  evaluator: "inherit",
  budget: {
    params: 30_000,
    macs: null,
    peak_memory: null,
    latency: null,
    device: null,
    bytes_per_element: 1,
  },
  seed: 5,
  settings: {
    space: { nodes: 6 },
    strategy: { protocol: "studio", candidates: 4, patience: 4, keep_edges: 1, keep_parent: true },
    evaluator: { epochs: 2 },
    objective: { cost_weight: 0 },
    answer: { finalists: 3, answer_epochs: 0 },
  },
};

it("starts from an earlier search, as it began", async () => {
  server.answers["GET /api/searches/{id}/draft"] = EARLIER;
  await openedAt("/searches/new?from=s0");
  expect(sent("GET /api/searches/{id}/draft")[0]?.params?.path).toEqual({ id: "s0" });
  expect(limit("Parameters").value).toBe("30 k");
  expect(setting("Search space", "Nodes").value).toBe("6");
  expect(screen.getByText("Copy of Earlier")).toBeTruthy();
  fireEvent.click(launch());
  await waitFor(() => expect(sent("POST /api/searches")).toHaveLength(1));
  expect(sent("POST /api/searches")[0]?.body).toEqual({ ...EARLIER, repeats: 1, key: expect.any(String) });
});

it("starts from a template, of which all are offered", async () => {
  const template = {
    name: "quick-look",
    title: "A quick look",
    about: "Small.",
    draft: { ...EARLIER, name: "Quick", settings: { space: { nodes: 5 } } },
  };
  server.answers["GET /api/templates"] = [template];
  await openedAt("/searches/new?template=quick-look");
  expect(screen.getByLabelText<HTMLInputElement>("Name").value).toBe("Quick");
  expect(setting("Search space", "Nodes").value).toBe("5");
  expect(setting("Objective", "Cost weight").value).toBe("0");
  fireEvent.click(screen.getByRole("button", { name: "a template" }));
  expect(screen.getByRole("link", { name: /^A quick look/ }).getAttribute("href")).toBe(
    "/searches/new?template=quick-look",
  );
});

it("copies a search of an archived dataset, which it says, and offers no other archived ones", async () => {
  const [digits] = (server.answers["GET /api/datasets"] as ReturnType<typeof pageOf>).results;
  const archived = (name: string, title: string) => ({ ...digits, name, title, archived: true });
  server.answers["GET /api/datasets"] = pageOf([
    archived("a", "Acorns"),
    digits ?? {},
    archived("o", "Oaks"),
  ]);
  server.answers["GET /api/searches/{id}/draft"] = { ...EARLIER, dataset: "o" };
  await openedAt("/searches/new?from=s0");
  expect(screen.getByRole<HTMLInputElement>("radio", { name: /^Oaks.*Archived/ }).checked).toBe(true);
  expect(screen.queryByRole("radio", { name: /^Acorns/ })).toBeNull();
  expect(screen.getByText(/^Archived: it is off the lists/)).toBeTruthy();
  choose(/Handwritten digits/);
  expect(screen.queryByText(/^Archived: it is off the lists/)).toBeNull();
  choose(/^Oaks/);
  await waitFor(() => expect(launch().disabled).toBe(false));
  fireEvent.click(launch());
  await waitFor(() => expect(sent("POST /api/searches")[0]?.body).toMatchObject({ dataset: "o" }));
});

it("starts from a dataset that is not archived unless it is asked for another", async () => {
  const [digits] = (server.answers["GET /api/datasets"] as ReturnType<typeof pageOf>).results;
  server.answers["GET /api/datasets"] = pageOf([
    { ...digits, name: "a", title: "Acorns", archived: true },
    digits ?? {},
  ]);
  await opened();
  expect(screen.getByRole<HTMLInputElement>("radio", { name: /Handwritten digits/ }).checked).toBe(true);
});

it("says that a dataset is gone instead of taking another one", async () => {
  server.answers["GET /api/searches/{id}/draft"] = { ...EARLIER, dataset: "gone" };
  render("/searches/new?from=s0");
  await screen.findByText("Select a dataset: the one of this form is not available any more");
  choose(/Handwritten digits/);
  await waitFor(() => expect(launch().disabled).toBe(false));
});
