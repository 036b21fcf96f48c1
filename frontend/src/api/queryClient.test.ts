import { QueryObserver } from "@tanstack/react-query";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { ApiError } from "./client";
import { createQueryClient } from "./queryClient";
import { sessionEnded, sessionGoesOn } from "./session";

const signedOut = () => {
  sessionEnded(); // as the client says it of such an answer
  throw new ApiError(401, []);
};

beforeEach(() => void vi.useFakeTimers());
afterEach(() => {
  sessionGoesOn();
  vi.useRealTimers();
});

it("waits with a reading while the user is signed out, and goes on afterwards with nothing to say", async () => {
  const queries = createQueryClient();
  queries.mount();
  let rows: () => string[] = () => ["first"];
  const read = vi.fn(() => rows());
  const list = new QueryObserver(queries, { queryKey: ["list"], queryFn: read, refetchInterval: 5_000 });
  const forget = list.subscribe(() => undefined);
  await vi.advanceTimersByTimeAsync(0);
  rows = signedOut;
  await vi.advanceTimersByTimeAsync(5_000);
  expect(read).toHaveBeenCalledTimes(2);
  await vi.advanceTimersByTimeAsync(60_000);
  expect(read).toHaveBeenCalledTimes(2);
  expect(list.getCurrentResult()).toMatchObject({ data: ["first"], error: null, fetchStatus: "paused" });
  rows = () => ["second"];
  sessionGoesOn();
  await vi.advanceTimersByTimeAsync(0);
  expect(list.getCurrentResult()).toMatchObject({ data: ["second"], error: null });
  forget();
  queries.unmount();
});

it("refuses what people do while they are signed out at once", async () => {
  const queries = createQueryClient();
  sessionEnded();
  const save = queries.getMutationCache().build(queries, { mutationFn: async () => signedOut() });
  await expect(save.execute(undefined)).rejects.toMatchObject({ status: 401 });
});

it("repeats a reading after a lost connection, but not after an error of the request", async () => {
  const queries = createQueryClient();
  const lost = vi.fn(() => Promise.reject(new Error("Failed to fetch")));
  const wrong = vi.fn(() => Promise.reject(new ApiError(404, [])));
  for (const read of [lost, wrong])
    new QueryObserver(queries, { queryKey: [read === lost], queryFn: read }).subscribe(() => undefined);
  await vi.advanceTimersByTimeAsync(60_000);
  expect([lost.mock.calls.length, wrong.mock.calls.length]).toEqual([3, 1]);
});
