import { fireEvent, screen, waitFor, within } from "@testing-library/react";
import { expect, it, vi } from "vitest";
import { ConnectionLost } from "../../api/client";
import type { SearchRequest } from "../../api/types";
import { ErrorAnswer, type FakeRequest, server } from "../../testing/fakeServer";
import {
  choose,
  command,
  estimate,
  launch,
  limit,
  opened,
  preview,
  previewed,
  render,
  sent,
  setting,
  type,
} from "../../testing/newSearchPage";

vi.mock("../../api/client", async (original) => ({
  ...(await original<typeof import("../../api/client")>()),
  api: (await import("../../testing/fakeServer")).server.api,
}));

it("proposes limits that can be met, and launches with them", async () => {
  const router = await opened();
  expect(limit("Peak memory").value).toBe("96 KiB");
  fireEvent.click(launch());
  await waitFor(() => expect(router.state.location.pathname).toBe("/searches/s1"));
  const { body } = server.requests.find(({ what }) => what === "POST /api/searches") ?? {};
  expect(body).toMatchObject({
    name: "Handwritten digits, 8 nodes",
    strategy: "autoshrink",
    dataset: "digits",
    seed: 0,
    space: "cnn",
    evaluator: "train",
    settings: {
      space: { nodes: 8 },
      strategy: { protocol: "studio", candidates: 8, patience: 4, keep_edges: 1, keep_parent: true },
      evaluator: { epochs: 3, images: 0 },
      objective: { cost_weight: 0 },
      answer: { finalists: 3, answer_epochs: 0 },
    },
    budget: { params: 66_000, peak_memory: 98_304, bytes_per_element: 4 },
  });
});

it("refuses an impossible limit before launch, with the number needed and a way out", async () => {
  await opened();
  type(limit("Peak memory"), "48 KiB");
  expect(launch().disabled).toBe(true);
  const verdict = within(document.querySelector("form") as HTMLElement);
  // at the field and at the button
  expect(verdict.getAllByText("The smallest cell needs 64 KiB; the limit is 48 KiB.")).toHaveLength(2);
  expect(limit("Peak memory").getAttribute("aria-invalid")).toBe("true");
  fireEvent.click(verdict.getByRole("button", { name: /^Raise to 64\sKiB$/ }));
  expect(limit("Peak memory").value).toBe("64 KiB");
  expect(launch().disabled).toBe(false);
});

it("keeps text that is not a number, shows an error and does not launch", async () => {
  await opened();
  type(limit("MACs"), "plenty");
  fireEvent.blur(limit("MACs"));
  expect(limit("MACs").value).toBe("plenty");
  expect(limit("MACs").getAttribute("aria-invalid")).toBe("true");
  expect(limit("MACs").getAttribute("aria-describedby")).toContain("limit-macs-error");
  fireEvent.click(launch());
  expect(document.activeElement).toBe(limit("MACs"));
  expect(server.requests.some(({ what }) => what === "POST /api/searches")).toBe(false);
});

it("holds the seed and the limits against those that the server names", async () => {
  await opened();
  type(screen.getByLabelText("Seed"), "2147483647");
  expect(screen.queryByText(/at most/)).toBeNull();
  type(screen.getByLabelText("Seed"), "2147483648");
  expect(screen.getByText("Enter at most 2,147,483,647")).toBeTruthy();
  type(screen.getByLabelText("Seed"), "1");
  type(limit("Parameters"), "1000001 M");
  expect(screen.getByText(/^Enter at most 1,?000/)).toBeTruthy();
  fireEvent.click(launch());
  expect(server.requests.some(({ what }) => what === "POST /api/searches")).toBe(false);
});

it("says in full what a number means", async () => {
  await opened();
  for (const [text, full] of [
    ["67000", "= 67,000 parameters"],
    ["1,500", "= 1,500 parameters"],
    ["1 500", "= 1,500 parameters"],
    ["2M", "= 2,000,000 parameters"],
  ] as const) {
    type(limit("Parameters"), text);
    expect(screen.getByText(full)).toBeTruthy();
  }
  type(setting("Performance estimation", "Images"), "1.2k");
  expect(screen.getByText("= 1,200.")).toBeTruthy();
  type(screen.getByLabelText("Seed"), "1e3");
  expect(screen.getByText("= 1,000.")).toBeTruthy();
});

it("has bounds that follow from the dense cell and the data", async () => {
  await opened();
  type(setting("Settings of the strategy", "Stop at this many edges"), "119");
  await screen.findByText("Enter at most 1. A cell of 2 nodes has 1 edge");
  type(setting("Performance estimation", "Images"), "5");
  await screen.findByText("Enter 0, or at least 10. There are 1,259 training images of 10 classes");
  fireEvent.click(launch());
  expect(server.requests.some(({ what }) => what === "POST /api/searches")).toBe(false);
});

it("makes neither a name nor a command from a field that is wrong", async () => {
  await opened();
  type(setting("Search space", "Nodes"), "-3");
  expect(screen.getByText("Enter at least 2")).toBeTruthy();
  expect(screen.getByLabelText<HTMLInputElement>("Name").value).toBe("Handwritten digits");
  expect(command()).toBeUndefined();
  type(setting("Search space", "Nodes"), "6");
  expect(screen.getByLabelText<HTMLInputElement>("Name").value).toBe("Handwritten digits, 6 nodes");
  expect(command()).toContain("--space.nodes 6");
});

it("offers the precisions that the server accepts, and says what a preset means", async () => {
  await opened();
  const precisions = screen.getByLabelText<HTMLSelectElement>("Precision on the device");
  expect([...precisions.options].map(({ text }) => text)).toEqual([
    "int8, 1 byte",
    "float16, 2 bytes",
    "float32, 4 bytes",
    "float64, 8 bytes",
  ]);
  expect(screen.getByText(/Tight 15%, Medium 40% and Roomy 70%/)).toBeTruthy();
});

it("shows the server's refusal at the field it is about", async () => {
  server.answers["POST /api/searches"] = new ErrorAnswer(400, [
    { code: "invalid", detail: "Fourteen at most today.", attr: "settings.space.nodes" },
  ]);
  await opened();
  fireEvent.click(launch());
  const nodes = await screen.findByRole("textbox", { name: "Nodes" });
  await waitFor(() => expect(nodes.getAttribute("aria-invalid")).toBe("true"));
  expect(document.getElementById("settings-space-nodes-error")?.textContent).toBe("Fourteen at most today.");
});

it("never replaces a newer answer by a late one", async () => {
  let late: (() => void) | null = null;
  server.answers["POST /api/searches/preview"] = (request: FakeRequest) => {
    if ((request.body as SearchRequest).settings.space?.nodes !== 4) return preview(request);
    return new Promise((resolve) => {
      late = () => resolve(preview(request));
    });
  };
  await opened();
  type(screen.getByRole("textbox", { name: "Nodes" }), "4");
  await waitFor(() => expect(late).not.toBeNull());
  type(screen.getByRole("textbox", { name: "Nodes" }), "16");
  const dense = () => screen.getByRole("row", { name: /^Parameters/ }).textContent;
  await waitFor(() => expect(dense()).toContain("302\u202fk"));
  (late as unknown as () => void)();
  await Promise.resolve();
  expect(dense()).toContain("302\u202fk");
});

it("is not launched by a read-only user", async () => {
  server.answers["GET /api/me"] = { may_change: false };
  render("/searches/new");
  const launch = await screen.findByRole<HTMLButtonElement>("button", { name: "Launch search" });
  await waitFor(() => expect(launch.title).toBe("You have view-only access."));
  expect(launch.disabled).toBe(true);
});

it("folds what most searches leave as it is, counts what was changed, and unfolds what is wrong", async () => {
  await opened();
  const advanced = () => screen.getByText(/^Advanced/).closest("details") as HTMLDetailsElement;
  const summary = () => advanced().querySelector("summary")?.textContent;
  expect([advanced().open, summary()]).toEqual([false, "Advanced (11 settings)"]);
  expect(advanced().contains(setting("Search space", "Nodes"))).toBe(false);
  type(setting("Settings of the strategy", "Patience"), "2");
  choose(/Inherited weights/);
  expect(summary()).toBe("Advanced (10 settings, 2 changed)");
  type(setting("Settings of the strategy", "Patience"), "-2");
  expect(advanced().open).toBe(true);
});

it("says how long it takes, as an estimate, and what that is based on", async () => {
  const seconds = { low: 118, middle: 251, high: 540 };
  server.answers["POST /api/searches/preview"] = previewed({
    estimate: estimate({ seconds, basis: "measured", items: 40, sharing: 1 }),
  });
  await opened();
  expect(screen.getAllByText("about 4 min, 2 to 9 min")).toHaveLength(2);
  expect(screen.getByText(/^From 40 trainings .+ Counted: 120 to 235 trainings\.$/)).toBeTruthy();
  expect(screen.getByText("2 CPU workers (1 at work)")).toBeTruthy();
  expect(screen.getByText(/^1 other search uses the workers now/)).toBeTruthy();
  expect(screen.queryByRole("button", { name: "Measure on a worker" })).toBeNull();
});

it("says how long one search takes and how long all of a group", async () => {
  const seconds = { low: 118, middle: 251, high: 540 };
  server.answers["POST /api/searches/preview"] = previewed({ estimate: estimate({ seconds }) });
  await opened();
  expect(screen.queryByText(/^For all/)).toBeNull();
  type(screen.getByLabelText("Repeats"), "3");
  expect(screen.getByText(/^Estimate for one search/).textContent).toMatch(/: about 4.min, 2 to 9.min$/);
  expect(screen.getByText(/^For all/).textContent).toMatch(/^For all 3: at most 27.min$/);
  expect(screen.getByText("Time of all 3").nextSibling?.textContent).toMatch(/^at most 27.min/);
});

it("has no time without a basis: it says why, and measures on a worker when asked", async () => {
  let probe: string | null = null;
  server.answers["POST /api/searches/preview"] = (request: FakeRequest) =>
    previewed({
      estimate:
        probe === "done"
          ? estimate({ seconds: { low: 20, middle: 31, high: 44 }, basis: "probe" })
          : estimate({ why: "No training like these was done.", probe }),
    })(request);
  server.answers["POST /api/searches/probe"] = () => {
    probe = "queued";
    return { id: 1, status: "queued" };
  };
  await opened();
  expect(screen.getByText("unknown")).toBeTruthy();
  expect(screen.getByText(/No training like these was done/)).toBeTruthy();
  fireEvent.click(screen.getByRole("button", { name: "Measure on a worker" }));
  await screen.findByText("Waiting for a free worker…");
  expect(screen.queryByRole("button", { name: "Measure on a worker" })).toBeNull();
  probe = "done";
  await screen.findAllByText("about 30 s, 20 to 45 s", {}, { timeout: 3_000 });
});

it("offers no measurement where no worker runs", async () => {
  await opened();
  expect(screen.getByText(/No worker is running\./)).toBeTruthy();
  expect(screen.queryByRole("button", { name: "Measure on a worker" })).toBeNull();
});

it("names searches that are the same, by their seed too", async () => {
  server.answers["POST /api/searches/preview"] = (request: FakeRequest) =>
    previewed({
      same:
        (request.body as SearchRequest).seed === 7 ? [{ id: "s7", name: "Seven", status: "finished" }] : [],
    })(request);
  await opened();
  expect(screen.queryByText(/was run already/)).toBeNull();
  type(screen.getByLabelText("Seed"), "7");
  const link = await screen.findByRole<HTMLAnchorElement>("link", { name: "Seven" });
  expect(link.getAttribute("href")).toBe("/searches/s7");
  expect(screen.getByText(/This search was run already/)).toBeTruthy();
});

it("launches once though the answer is lost and it is launched again", async () => {
  const router = await opened();
  server.answers["POST /api/searches"] = () => Promise.reject(new ConnectionLost());
  fireEvent.click(launch());
  fireEvent.click(await screen.findByRole("button", { name: "Try again" }));
  await waitFor(() => expect(sent("POST /api/searches")).toHaveLength(2));
  server.answers["POST /api/searches"] = { id: "s1" };
  fireEvent.click(await screen.findByRole("button", { name: "Try again" }));
  await waitFor(() => expect(router.state.location.pathname).toBe("/searches/s1"));
  const keys = sent("POST /api/searches").map(({ body }) => (body as { key: string }).key);
  expect(keys[0]).toMatch(/^\w{10,40}$/);
  expect(keys).toEqual([keys[0], keys[0], keys[0]]);
});

it("is another launch once the form was changed", async () => {
  await opened();
  server.answers["POST /api/searches"] = () => Promise.reject(new ConnectionLost());
  fireEvent.click(launch());
  await screen.findByRole("button", { name: "Try again" });
  type(screen.getByLabelText("Seed"), "5");
  await waitFor(() => expect(launch().disabled).toBe(false));
  fireEvent.click(launch());
  await waitFor(() => expect(sent("POST /api/searches")).toHaveLength(2));
  const [first, second] = sent("POST /api/searches").map(({ body }) => (body as { key: string }).key);
  expect(second).not.toBe(first);
});

it("launches a group of searches, and goes to the first", async () => {
  const router = await opened();
  type(screen.getByLabelText("Repeats"), "21");
  expect(screen.getByText("Enter a whole number from 1 to 20")).toBeTruthy();
  type(screen.getByLabelText("Repeats"), "3");
  fireEvent.click(launch());
  await waitFor(() => expect(router.state.location.pathname).toBe("/searches/s1"));
  expect(sent("POST /api/searches")[0]?.body).toMatchObject({ repeats: 3 });
});
