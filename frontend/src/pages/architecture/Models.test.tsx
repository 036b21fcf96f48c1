import { screen, waitFor } from "@testing-library/react";
import { beforeEach, expect, it, vi } from "vitest";
import { renderPage, server } from "../../testing/fakeServer";
import { Models } from "./Models";

vi.mock("../../api/client", async (original) => ({
  ...(await original<typeof import("../../api/client")>()),
  api: (await import("../../testing/fakeServer")).server.api,
}));

beforeEach(() => server.reset());

const train = async (may_change: boolean) => {
  server.answers["GET /api/me"] = { may_change };
  renderPage(() => <Models models={[]} onTrain={() => undefined} />, "/architectures/a1");
  return screen.findByRole<HTMLButtonElement>("button", { name: "Train" });
};

it("offers a training", async () => {
  const button = await train(true);
  await waitFor(() => expect(server.requests.map(({ what }) => what)).toContain("GET /api/me"));
  expect(button.disabled).toBe(false);
});

it("offers none to a read-only user", async () => {
  const button = await train(false);
  await waitFor(() => expect(button.disabled).toBe(true));
  expect(button.title).toBe("You have view-only access.");
});
