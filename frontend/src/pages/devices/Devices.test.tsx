import { fireEvent, screen, waitFor, within } from "@testing-library/react";
import { beforeEach, expect, it, vi } from "vitest";
import { ErrorAnswer, renderPage, server } from "../../testing/fakeServer";
import { commandFor, Component as Devices, describeAgent } from "./Devices";

vi.mock("../../api/client", async (original) => ({
  ...(await original<typeof import("../../api/client")>()),
  api: (await import("../../testing/fakeServer")).server.api,
}));

const board = {
  id: "d1",
  name: "Bench board",
  about: { processor: "Cortex-A53", runtime: "onnxruntime 1.31" },
  seen_at: null as string | null,
  created_at: "2026-11-24T10:00:00Z",
  created_by: "Ada",
};

beforeEach(() => {
  server.reset();
  server.answers = { "GET /api/me": { may_change: true }, "GET /api/devices": [board] };
});

const opened = async () => {
  renderPage(Devices, "/devices");
  await screen.findByText("Bench board");
};

it("shows what each device is and when it was last seen", async () => {
  server.answers["GET /api/devices"] = [
    { ...board, seen_at: new Date(Date.now() - 3 * 60_000).toISOString() },
    { ...board, id: "d2", name: "New board", about: {} },
  ];
  await opened();
  expect(screen.getByText("Cortex-A53, onnxruntime 1.31")).toBeTruthy();
  expect(screen.getByText("last seen 3 min ago")).toBeTruthy();
  expect(screen.getByText("not connected yet")).toBeTruthy();
  expect(describeAgent({})).toBe("No agent has reported yet");
});

it("shows a new device's token once, and not as a part of its command", async () => {
  server.answers["POST /api/devices"] = { ...board, id: "d2", name: "Phone", token: "esp_secret" };
  await opened();
  fireEvent.change(screen.getByLabelText("Name"), { target: { value: " Phone " } });
  fireEvent.click(screen.getByRole("button", { name: "Add" }));
  const token = within(await screen.findByRole("status", { name: "Token of Phone" }));
  expect(token.getByText("esp_secret")).toBeTruthy();
  expect(token.getByText(/--url/).textContent).toBe(commandFor(location.origin));
  expect(commandFor(location.origin)).not.toContain("--token");
  expect(token.getByRole("link", { name: "the guide on devices" })).toBeTruthy();
  expect(server.requests.find(({ what }) => what === "POST /api/devices")?.body).toEqual({ name: "Phone" });
  fireEvent.click(token.getByRole("button", { name: "Done" }));
  expect(screen.queryByText(/esp_secret/)).toBeNull();
});

it("says at the field why a device was not added", async () => {
  server.answers["POST /api/devices"] = new ErrorAnswer(400, [
    { code: "invalid", detail: "There is a device of this name.", attr: "name" },
  ]);
  await opened();
  fireEvent.change(screen.getByLabelText("Name"), { target: { value: "Bench board" } });
  fireEvent.click(screen.getByRole("button", { name: "Add" }));
  expect(await screen.findByText("There is a device of this name.")).toBeTruthy();
  expect(screen.getByLabelText("Name").getAttribute("aria-invalid")).toBe("true");
});

it("asks before it retires one", async () => {
  server.answers["DELETE /api/devices/{id}"] = {};
  await opened();
  fireEvent.click(screen.getByRole("button", { name: "Retire Bench board" }));
  expect(server.requests.some(({ what }) => what.startsWith("DELETE"))).toBe(false);
  server.answers["GET /api/devices"] = [];
  fireEvent.click(screen.getByRole("button", { name: "Retire" }));
  await waitFor(() => expect(screen.queryByText("Bench board")).toBeNull());
  expect(screen.getByText(/No devices yet/)).toBeTruthy();
});

it("changes nothing for a read-only user", async () => {
  server.answers["GET /api/me"] = { may_change: false };
  await opened();
  const retire = screen.getByRole<HTMLButtonElement>("button", { name: "Retire Bench board" });
  await waitFor(() => expect(retire.disabled).toBe(true));
  expect(screen.getByRole<HTMLButtonElement>("button", { name: "Add" }).disabled).toBe(true);
});
