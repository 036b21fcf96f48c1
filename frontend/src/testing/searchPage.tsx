// For tests: the live page of one search, over a socket that the test controls and the fake server.
import { act, screen } from "@testing-library/react";
import { afterEach, beforeEach, vi } from "vitest";
import type { Command } from "../api/types";
import type { SearchEvent } from "../live/events";
import { Component } from "../pages/search/Search";
import { pageOf, renderPage, server } from "./fakeServer";
import { REQUEST_LIMITS } from "./requestLimits";

export const searchRow = {
  id: "s1",
  name: "Porch camera",
  status: "running",
  strategy: "autoshrink",
  dataset: "digits",
  metric: "accuracy",
  created_at: "2026-11-24T10:00:00Z",
  owner: { id: "1", name: "Yan" },
  tags: [],
  archived: false,
  notes: "",
  seq: 0,
  step: 0,
  edges: 0,
  cost: null,
  budget: { params: null, macs: null, peak_memory: null, bytes_per_element: 4 },
  best_quality: null,
  task: {},
  waiting: null,
  error: null,
  architecture: null,
  best_trained: null,
  architecture_deleted: false,
  parent: null,
  branches: [],
};

export const telemetry = {
  type: "telemetry",
  status: "running",
  waiting: null,
  error: null,
  pending: [] as Command[],
  work: [],
  counts: { queued: 0, running: 0, done: 0 },
  workers: [],
  left: { steps: null, seconds: null },
  measuring: null,
  candidates: 0,
  seq: 0,
  architecture: null,
};

/** A pending command of a colleague. */
export function pendingCommand(kind: Command["kind"], about: Partial<Command> = {}): Command {
  return {
    id: 4,
    kind,
    edge: null,
    node: null,
    budget: null,
    weight: null,
    step: null,
    by: "Rev",
    reason: "",
    status: "pending",
    why: "",
    created_at: "2026-11-24T10:00:00Z",
    decided_at: null,
    ...about,
  };
}

class FakeSocket {
  static all: FakeSocket[] = [];
  onopen: (() => void) | null = null;
  onmessage: ((event: { data: string }) => void) | null = null;
  onclose: ((event: { code: number }) => void) | null = null;
  constructor(readonly url: string) {
    FakeSocket.all.push(this);
  }
  close() {}
}

export const socket = () => FakeSocket.all[FakeSocket.all.length - 1];

/** Delivers messages and waits for the frame that renders them. */
export async function receive(...messages: object[]) {
  await act(async () => {
    socket()?.onopen?.();
    for (const message of messages) socket()?.onmessage?.({ data: JSON.stringify(message) });
    await new Promise((done) => requestAnimationFrame(done));
  });
}

export const eventsOf = (events: readonly SearchEvent[], n = events.length, from = 1) => ({
  type: "events",
  from_seq: from,
  to_seq: n,
  events: events.slice(from - 1, n),
});

export async function openSearch(at = "/searches/s1") {
  const router = renderPage(Component, at, "/searches/:id");
  await screen.findByRole("heading", { level: 1, name: "Porch camera" });
  return router;
}

/** The requests to one route, oldest first. */
export const requestsTo = (what: string) => server.requests.filter((a) => a.what === what);
export const sentCommands = () => requestsTo("POST /api/searches/{id}/commands").map((a) => a.body);

/** The dialog that is open. */
export function openDialog(): HTMLElement {
  const dialog = document.querySelector<HTMLElement>("dialog[open]");
  if (!dialog) throw new Error("no question was asked");
  return dialog;
}

/** Registers set-up and clean-up for the tests of a file. */
export function setUpSearchPage(): void {
  beforeEach(() => {
    FakeSocket.all = [];
    vi.stubGlobal("WebSocket", FakeSocket);
    vi.spyOn(HTMLElement.prototype, "clientWidth", "get").mockReturnValue(600);
    vi.spyOn(HTMLElement.prototype, "clientHeight", "get").mockReturnValue(300);
    server.answers = {
      "GET /api/me": { may_change: true },
      "GET /api/searches/{id}": searchRow,
      "GET /api/engine": {
        limits: REQUEST_LIMITS,
        strategies: [{ name: "autoshrink", title: "AutoShrink" }],
        presets: [],
        exports: [],
      },
      "GET /api/datasets": pageOf([{ name: "digits", title: "Handwritten digits" }]),
      "GET /api/searches/{id}/commands": [],
      "POST /api/searches/{id}/commands": { id: 1 },
    };
  });
  afterEach(() => {
    server.reset();
    vi.useRealTimers();
    vi.restoreAllMocks();
    vi.unstubAllGlobals();
  });
}
