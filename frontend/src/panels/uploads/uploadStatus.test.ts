import { expect, it } from "vitest";
import type { Upload } from "../../api/types";
import type { Progress } from "../../upload/sender";
import { describeUpload, isReadInterrupted, proposedTitle } from "./uploadStatus";

const upload = (over: Partial<Upload> = {}): Upload => ({
  id: "u1",
  name: "pets.zip",
  title: "pets",
  bytes: 20 * 1024 ** 2,
  modified: null,
  received: 8 * 1024 ** 2,
  part_bytes: 4 << 20,
  options: { side: null },
  status: "receiving",
  why: "",
  dataset: null,
  progress: null,
  created_at: "2026-11-24T10:00:00Z",
  created_by: "Ada",
  ...over,
});
const progress = (over: Partial<Progress>): Progress => ({
  phase: "sending",
  sent: 10 * 1024 ** 2,
  bytes: 20 * 1024 ** 2,
  reason: "",
  disconnected: false,
  retryIn: null,
  rate: null,
  ...over,
});

it("shows progress and remaining time of a file that this window sends", () => {
  expect(describeUpload(upload(), progress({ rate: 1024 ** 2 }))).toEqual({
    glyph: "running",
    words: "10\u202fMiB of 20\u202fMiB, 10\u202fs left",
    share: 0.5,
  });
  expect(describeUpload(upload(), progress({ phase: "paused" })).words).toBe(
    "Paused at 10\u202fMiB of 20\u202fMiB",
  );
});

it("says that it waits for the connection, and when it retries", () => {
  const lost = progress({
    phase: "waiting",
    disconnected: true,
    reason: "The server did not answer.",
    retryIn: 4,
  });
  expect(describeUpload(upload(), lost).words).toBe(
    "No connection. Waiting at 10\u202fMiB of 20\u202fMiB. The server did not answer. Next attempt in 4\u202fs.",
  );
  const slower = progress({ phase: "waiting", reason: "Too many parts a minute.", retryIn: 7 });
  expect(describeUpload(upload(), slower).words).toBe(
    "Waiting at 10\u202fMiB of 20\u202fMiB. Too many parts a minute. Next attempt in 7\u202fs.",
  );
});

it("shows the server's status for other windows' uploads, and for everything after sending", () => {
  expect(describeUpload(upload(), undefined)).toMatchObject({
    words: "8\u202fMiB of 20\u202fMiB received",
    share: 0.4,
  });
  const sent = progress({ phase: "sent" });
  expect(describeUpload(upload({ status: "waiting" }), sent).words).toContain("Waiting for a worker");
  const reading = upload({ status: "ingesting", progress: { images: 12_000, share: 0.25 } });
  expect(describeUpload(reading, sent)).toMatchObject({
    words: "Reading images, 12,000 so far",
    share: 0.25,
  });
  const refused = upload({ status: "refused", why: "Two classes are needed, and there is one." });
  expect(describeUpload(refused, sent)).toMatchObject({
    glyph: "failed",
    words: "Two classes are needed, and there is one.",
  });
});

it("derives a default title from the file's name", () => {
  expect(proposedTitle("cifar10.tar.gz")).toBe("cifar10");
  expect(proposedTitle("My pets.v2.zip")).toBe("My pets.v2");
});

it("says why a complete file could not be read, until it is read again", () => {
  const unread = upload({
    received: 20 * 1024 ** 2,
    why: "The disk is full. Make room, then read it again.",
  });
  expect(isReadInterrupted(unread)).toBe(true);
  expect(describeUpload(unread, progress({ phase: "sent" }))).toEqual({
    glyph: "failed",
    words: unread.why,
    share: null,
  });
  expect(isReadInterrupted(upload({ received: 20 * 1024 ** 2 }))).toBe(false);
  expect(isReadInterrupted({ ...unread, status: "refused" })).toBe(false);
});
