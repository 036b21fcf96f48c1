import { fireEvent, screen, waitFor, within } from "@testing-library/react";
import { expect, it, vi } from "vitest";
import type { SearchRequest } from "../../api/types";
import { type FakeRequest, server } from "../../testing/fakeServer";
import { launch, limit, opened, preview, type } from "../../testing/newSearchPage";

vi.mock("../../api/client", async (original) => ({
  ...(await original<typeof import("../../api/client")>()),
  api: (await import("../../testing/fakeServer")).server.api,
}));

it("takes the limits of a device, and shows their source", async () => {
  await opened();
  fireEvent.click(screen.getByRole("radio", { name: /A watch/ }));
  expect(limit("Parameters").value).toBe("50 k");
  expect(limit("MACs").value).toBe("");
  expect(limit("Latency").value).toBe("4 ms");
  fireEvent.click(launch());
  await waitFor(() => {
    const { body } = server.requests.find(({ what }) => what === "POST /api/searches") ?? {};
    expect(body).toMatchObject({
      budget: { params: 50_000, macs: null, peak_memory: 81_920, latency: 4_000, bytes_per_element: 1 },
    });
  });
});

it("has custom limits once a device's are changed", async () => {
  await opened();
  fireEvent.click(screen.getByRole("radio", { name: /A watch/ }));
  type(limit("Parameters"), "60k");
  expect(screen.getByRole<HTMLInputElement>("radio", { name: /A watch/ }).checked).toBe(false);
  expect(screen.getByRole<HTMLInputElement>("radio", { name: "Custom" }).checked).toBe(true);
  expect(limit("Latency").value).toBe("4 ms");
});

it("measures latency on the chosen device", async () => {
  await opened();
  const device = screen.getByRole<HTMLSelectElement>("combobox", { name: "Measured on" });
  await screen.findByRole("option", { name: "Bench board, not connected yet" });
  type(limit("Latency"), "2,5");
  type(device, "d1");
  await waitFor(() => expect(launch().disabled).toBe(false));
  expect(screen.getByText(/latency is measured on the machine that runs the search/)).toBeTruthy();
  fireEvent.click(launch());
  await waitFor(() => {
    const { body } = server.requests.find(({ what }) => what === "POST /api/searches") ?? {};
    expect(body).toMatchObject({ budget: { latency: 2_500, device: "d1" } });
  });
});

it("names each limit that cannot be met", async () => {
  const problem = (limit: string, allowed: number, needed: number) => ({
    limit,
    allowed,
    needed,
    detail: "",
  });
  server.answers["POST /api/searches/preview"] = (request: FakeRequest) => {
    const { budget } = request.body as SearchRequest;
    const problems =
      budget.params === 1_000 ? [problem("params", 1_000, 7_700), problem("latency", 10, 900)] : [];
    return { ...preview(request), fits: problems.length === 0, problems };
  };
  await opened();
  type(limit("Parameters"), "1k");
  const verdict = within(document.querySelector("form") as HTMLElement);
  await verdict.findByText("Cannot be met: parameters, latency");
  expect(verdict.getByRole("button", { name: /^Raise to 0\.9\sms$/ })).toBeTruthy();
});

it("removes all limits at once", async () => {
  await opened();
  fireEvent.click(screen.getByRole("radio", { name: "No limits" }));
  expect(limit("Parameters").value).toBe("");
  expect(screen.getByText("The search keeps the cell with the best score.")).toBeTruthy();
});
