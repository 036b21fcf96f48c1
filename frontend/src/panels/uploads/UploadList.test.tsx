// Screen reader announcements about uploads: each outcome once.
import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { act, cleanup, fireEvent, render, screen } from "@testing-library/react";
import { MemoryRouter } from "react-router";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import type { Upload } from "../../api/types";
import { server } from "../../testing/fakeServer";
import { UploadList } from "./UploadList";

vi.mock("../../api/client", async (original) => ({
  ...(await original<typeof import("../../api/client")>()),
  api: (await import("../../testing/fakeServer")).server.api,
}));

beforeEach(() => void vi.useFakeTimers());
afterEach(() => {
  cleanup();
  vi.useRealTimers();
});

const upload = (name: string, status: Upload["status"], received = 4): Upload => ({
  ...{
    id: name,
    name,
    title: name,
    bytes: 8,
    modified: null,
    received,
    part_bytes: 4,
    options: { side: null },
    status,
  },
  ...{ why: "", dataset: null, progress: null, created_at: "2026-11-24T10:00:00Z", created_by: "Ada" },
});
const announced = () => document.querySelector('[aria-live="polite"]')?.textContent;

function watching(...uploads: Upload[]) {
  const queries = new QueryClient();
  const list = (shown: Upload[]) => (
    <QueryClientProvider client={queries}>
      <MemoryRouter>
        <UploadList uploads={shown} />
      </MemoryRouter>
    </QueryClientProvider>
  );
  const { rerender } = render(list(uploads));
  const pass = (ms: number) => act(() => void vi.advanceTimersByTime(ms));
  pass(0);
  return (ms: number, ...shown: Upload[]) => {
    rerender(list(shown));
    pass(ms);
    return announced();
  };
}

it("announces changes only, not the initial state", () => {
  const then = watching(upload("old.zip", "refused"), upload("pets.zip", "receiving"));
  expect(announced()).toBe("");
  expect(then(6_000, upload("old.zip", "refused"), upload("pets.zip", "receiving", 8))).toBe("");
  expect(then(6_000, upload("old.zip", "refused"), upload("pets.zip", "waiting"))).toBe(
    "pets.zip is waiting for a worker",
  );
  expect(then(6_000, upload("old.zip", "refused"), upload("pets.zip", "done"))).toBe("pets.zip is ready");
});

it("announces all changes that happened during the pause", () => {
  const then = watching(upload("a.zip", "receiving"), upload("b.zip", "receiving"));
  expect(then(1_000, upload("a.zip", "waiting"), upload("b.zip", "receiving"))).toBe(
    "a.zip is waiting for a worker",
  );
  expect(then(1_000, upload("a.zip", "done"), upload("b.zip", "receiving"))).toBe(
    "a.zip is waiting for a worker",
  );
  expect(then(5_000, upload("a.zip", "done"), upload("b.zip", "refused"))).toBe(
    "a.zip is ready. b.zip was refused",
  );
});

it("lets a file be read again if reading failed for another reason than the file", async () => {
  const why = "The disk is full. Make room, then read it again.";
  const unread = { ...upload("pets.zip", "receiving", 8), why };
  server.answers["POST /api/uploads/{id}/finish"] = { ...unread, status: "waiting", why: "" };
  watching(unread);
  expect(document.body.textContent).toContain(why);
  await act(async () => void fireEvent.click(screen.getByRole("button", { name: "Read again" })));
  expect(server.requests.map(({ what }) => what)).toContain("POST /api/uploads/{id}/finish");
});
