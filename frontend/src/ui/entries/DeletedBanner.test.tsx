import { fireEvent, screen, waitFor } from "@testing-library/react";
import { beforeEach, expect, it, vi } from "vitest";
import { ApiError } from "../../api/client";
import { ErrorAnswer, renderPage, server } from "../../testing/fakeServer";
import { DeletedBanner } from "./DeletedBanner";

vi.mock("../../api/client", async (original) => ({
  ...(await original<typeof import("../../api/client")>()),
  api: (await import("../../testing/fakeServer")).server.api,
}));

const RESTORE = "POST /api/models/{id}/restore";
const opened = (status: number) =>
  renderPage(() => <DeletedBanner family="models" id="m1" error={new ApiError(status, [])} />, "/models/m1");

beforeEach(() => server.reset());

it("says that a colleague deleted what is shown, and restores it", async () => {
  server.answers[RESTORE] = {};
  opened(404);
  expect(screen.getByRole("alert").textContent).toContain("This model was deleted meanwhile.");
  expect(screen.getByRole("link", { name: "Back to the list" }).getAttribute("href")).toBe("/catalog/models");
  fireEvent.click(screen.getByRole("button", { name: "Restore" }));
  await waitFor(() => expect(server.requests.map(({ what }) => what)).toContain(RESTORE));
});

it("says who may restore it to those who may not", async () => {
  server.answers[RESTORE] = new ErrorAnswer(403, [
    { code: "permission_denied", detail: "Only an owner of the team may delete or restore it.", attr: null },
  ]);
  opened(404);
  fireEvent.click(screen.getByRole("button", { name: "Restore" }));
  expect(await screen.findByText(/not restored: Only an owner of the team/)).toBeTruthy();
});

it("says nothing of a request that failed for another reason", () => {
  opened(503);
  expect(screen.queryByRole("alert")).toBeNull();
});
