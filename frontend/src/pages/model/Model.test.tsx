import { fireEvent, screen, waitFor, within } from "@testing-library/react";
import { beforeEach, expect, it, vi } from "vitest";
import type { TrainedModel } from "../../api/types";
import { ErrorAnswer, pageOf, renderPage, server } from "../../testing/fakeServer";
import { Component as Model } from "./Model";

vi.mock("../../api/client", async (original) => ({
  ...(await original<typeof import("../../api/client")>()),
  api: (await import("../../testing/fakeServer")).server.api,
}));

/** A socket that the test controls. */
class FakeSocket {
  static last: FakeSocket | null = null;
  onopen: (() => void) | null = null;
  onmessage: ((event: { data: string }) => void) | null = null;
  onclose: ((event: { code: number }) => void) | null = null;
  constructor() {
    FakeSocket.last = this;
  }
  close() {}
  emit(model: TrainedModel) {
    this.onmessage?.({ data: JSON.stringify({ type: "model", model }) });
  }
}

const point = (epoch: number, val_accuracy: number) => ({ epoch, train_loss: 1, val_loss: 1, val_accuracy });
const model = (over: Partial<TrainedModel>): TrainedModel => ({
  id: "m1",
  architecture: "a1",
  dataset: "digits",
  seed: 3,
  recipe: { epochs: 20 },
  status: "running",
  curve: [point(1, 0.5)],
  epochs: 20,
  best_epoch: 1,
  val_accuracy: 0.5,
  test_accuracy: null,
  metric: "accuracy",
  val_perplexity: null,
  test_perplexity: null,
  error: null,
  created_at: "2026-11-20T10:00:00Z",
  owner: { id: "1", name: "Ada" },
  tags: [],
  archived: false,
  name: "Digits, seed 3",
  notes: "",
  files: [],
  exports: [],
  left: null,
  running_on: null,
  ...over,
});
const READ = "GET /api/models/{id}";
const STEER = "POST /api/models/{id}/commands";

beforeEach(() => {
  server.reset();
  vi.stubGlobal("WebSocket", FakeSocket);
  server.answers = {
    "GET /api/engine": {
      exports: [{ format: "onnx", title: "ONNX" }],
      recipe_schemas: { image: [], text: [] },
    },
    "GET /api/datasets": pageOf([{ name: "digits", counts: { train: 1, validation: 1, test: 269 } }]),
    [READ]: model({}),
  };
});

const opened = () => renderPage(Model, "/models/m1", "/models/:id");

it("is called by its name, in the title of the tab too", async () => {
  server.answers[READ] = model({ name: "The one for the porch" });
  opened();
  expect(await screen.findByRole("heading", { name: "The one for the porch" })).toBeTruthy();
  expect(document.title).toBe("The one for the porch · Espalier");
});

it("follows the training through its socket, and shows the test accuracy once it is there", async () => {
  opened();
  expect(await screen.findByText("epoch 1 of 20")).toBeTruthy();
  expect(screen.queryByText(/unseen items/)).toBeNull();
  const files = [
    {
      format: "onnx" as const,
      name: "m.onnx",
      bytes: 226_104,
      sha256: "ab".repeat(32),
      check: { max_difference: 2.1e-6, runtime: "onnxruntime 1.32.0", rows: 64 },
    },
  ];
  FakeSocket.last?.emit(
    model({
      status: "finished",
      curve: [point(1, 0.5), point(2, 0.9)],
      best_epoch: 2,
      val_accuracy: 0.9,
      test_accuracy: 0.88,
      files,
    }),
  );
  expect(await screen.findByText("88.0%")).toBeTruthy();
  expect((await screen.findByText(/269 images/)).textContent).toBe("test accuracy, 269 images");
  expect(
    screen.getByText(/Verified with onnxruntime 1\.32\.0 on 64 inputs, largest difference 2\.1e−6/),
  ).toBeTruthy();
  expect(screen.getByRole("link", { name: /Download ONNX/ }).getAttribute("href")).toBe(
    "/api/models/m1/files/onnx",
  );
});

it("pauses at once and asks before it stops", async () => {
  server.answers[STEER] = model({ status: "paused" });
  opened();
  fireEvent.click(await screen.findByRole("button", { name: "Pause" }));
  expect(await screen.findByText("Paused")).toBeTruthy();
  fireEvent.click(screen.getByRole("button", { name: "Stop" }));
  expect(server.requests.filter(({ what }) => what === STEER)).toHaveLength(1);
  server.answers[STEER] = model({ status: "stopping" });
  fireEvent.click(within(screen.getByRole("dialog")).getByRole("button", { name: "Stop" }));
  expect(await screen.findByText("Stopping")).toBeTruthy();
});

it("says why a command was refused", async () => {
  server.answers[STEER] = new ErrorAnswer(409, [
    { code: "conflict", detail: "The training is finished already.", attr: null },
  ]);
  opened();
  fireEvent.click(await screen.findByRole("button", { name: "Pause" }));
  expect((await screen.findByRole("alert")).textContent).toBe("Refused: The training is finished already.");
});

it("says what failed and how to continue", async () => {
  server.answers[READ] = model({ status: "failed", error: "Out of memory" });
  opened();
  const alert = await screen.findByRole("alert");
  expect(alert.textContent).toContain("failed after epoch 1. Out of memory. Resume continues");
  expect(screen.getByRole<HTMLButtonElement>("button", { name: "Resume" }).disabled).toBe(false);
});

it("distinguishes a missing model from a failed request", async () => {
  server.answers = {};
  opened();
  await waitFor(() => expect(screen.getByRole("alert").textContent).toContain("was not found"));
});

it("cannot be controlled by a read-only user", async () => {
  server.answers["GET /api/me"] = { may_change: false };
  opened();
  const pause = await screen.findByRole<HTMLButtonElement>("button", { name: "Pause" });
  await waitFor(() => expect(pause.title).toBe("You have view-only access."));
  expect(pause.disabled).toBe(true);
});

it("says why an export failed, and exports again", async () => {
  const onnx = { format: "onnx" as const, status: "failed" as const, error: "No space left on device" };
  server.answers[READ] = model({ status: "finished", exports: [onnx] });
  opened();
  expect(await screen.findByText("The export failed: No space left on device")).toBeTruthy();
  server.answers[STEER] = model({
    status: "finished",
    exports: [{ ...onnx, status: "queued", error: null }],
  });
  fireEvent.click(screen.getByRole("button", { name: "Export again" }));
  expect(await screen.findByText("Waits for a worker that exports it")).toBeTruthy();
  expect(server.requests.filter(({ what }) => what === STEER).map(({ body }) => body)).toEqual([
    { kind: "export" },
  ]);
});
