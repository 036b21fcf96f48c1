// For tests: a fake server, a table from "METHOD path" to answers, and a function that renders a page with it.
import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { cleanup, render } from "@testing-library/react";
import type { ComponentType } from "react";
import { flushSync } from "react-dom";
import { createMemoryRouter, RouterProvider } from "react-router";
import type { Dependent, Problem } from "../api/client";

export interface FakeRequest {
  readonly body?: unknown;
  readonly params?: { readonly query?: Record<string, unknown>; readonly path?: Record<string, unknown> };
}
type Answer = unknown | ErrorAnswer | ((request: FakeRequest) => unknown | Promise<unknown>);

export class ErrorAnswer {
  constructor(
    readonly status: number,
    readonly errors: readonly Problem[],
    readonly used_by: readonly Dependent[] = [],
  ) {}
}

/** Replaces the client's `api` through `vi.mock`. */
export const server = {
  answers: {} as Record<string, Answer>,
  requests: [] as (FakeRequest & { readonly what: string })[],
  reset() {
    server.answers = {};
    server.requests = [];
    cleanup();
  },
  api: {
    GET: (path: string, request: FakeRequest = {}) => answer("GET", path, request),
    POST: (path: string, request: FakeRequest = {}) => answer("POST", path, request),
    PUT: (path: string, request: FakeRequest = {}) => answer("PUT", path, request),
    PATCH: (path: string, request: FakeRequest = {}) => answer("PATCH", path, request),
    DELETE: (path: string, request: FakeRequest = {}) => answer("DELETE", path, request),
  },
};

async function answer(method: string, path: string, request: FakeRequest) {
  const what = `${method} ${path}`;
  server.requests.push({ ...request, what });
  const configured = server.answers[what];
  const given = typeof configured === "function" ? await configured(request) : configured;
  if (given === undefined) return { error: {}, response: { ok: false, status: 404 } };
  if (given instanceof ErrorAnswer) {
    return {
      error: { errors: given.errors, used_by: given.used_by },
      response: { ok: false, status: given.status },
    };
  }
  return { data: given, response: { ok: true, status: 200 } };
}

/** A page of a list: the whole list, if `count` does not say that there is more. */
export const pageOf = (results: readonly object[], count = results.length) => ({
  count,
  next: null,
  previous: null,
  results,
});

export function renderPage(Page: ComponentType, at: string, path = at.split("?")[0] ?? at) {
  const queries = new QueryClient({ defaultOptions: { queries: { retry: false } } });
  const router = createMemoryRouter(
    [
      { path, Component: Page },
      { path: "*", Component: () => <p>elsewhere</p> },
    ],
    { initialEntries: [at] },
  );
  render(
    <QueryClientProvider client={queries}>
      <RouterProvider router={router} flushSync={(draw) => void flushSync(draw)} />
    </QueryClientProvider>,
  );
  return router;
}
