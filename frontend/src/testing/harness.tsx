// For tests: a page with a server that is a table of answers, "METHOD path" to what it gives back.
import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { cleanup, render } from "@testing-library/react";
import type { ComponentType } from "react";
import { createMemoryRouter, RouterProvider } from "react-router";
import type { Problem } from "../api/client";

export interface Asked {
  readonly body?: unknown;
  readonly params?: { readonly query?: Record<string, unknown>; readonly path?: Record<string, unknown> };
}
type Answer = unknown | Refusal | ((asked: Asked) => unknown | Promise<unknown>);

export class Refusal {
  constructor(
    readonly status: number,
    readonly errors: readonly Problem[],
  ) {}
}

/** What `vi.mock` puts in the place of the client's `api`. */
export const server = {
  answers: {} as Record<string, Answer>,
  asked: [] as (Asked & { readonly what: string })[],
  reset() {
    server.answers = {};
    server.asked = [];
    cleanup();
  },
  api: {
    GET: (path: string, asked: Asked = {}) => answer("GET", path, asked),
    POST: (path: string, asked: Asked = {}) => answer("POST", path, asked),
    DELETE: (path: string, asked: Asked = {}) => answer("DELETE", path, asked),
  },
};

async function answer(method: string, path: string, asked: Asked) {
  const what = `${method} ${path}`;
  server.asked.push({ ...asked, what });
  const said = server.answers[what];
  const given = typeof said === "function" ? await said(asked) : said;
  if (given === undefined) return { error: {}, response: { ok: false, status: 404 } };
  if (given instanceof Refusal) {
    return { error: { errors: given.errors }, response: { ok: false, status: given.status } };
  }
  return { data: given, response: { ok: true, status: 200 } };
}

export function show(Page: ComponentType, at: string, path = at.split("?")[0] ?? at) {
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
      <RouterProvider router={router} />
    </QueryClientProvider>,
  );
  return router;
}
