// The only client of the server's API: typed by its OpenAPI schema, and it adds the CSRF header to requests that write.
import createClient from "openapi-fetch";
import type { paths } from "./schema";
import { sessionEnded, sessionGoesOn } from "./session";

export interface Problem {
  code: string;
  detail: string;
  attr: string | null;
}

/** What keeps an entry from being deleted. */
export interface Dependent {
  family: string;
  id: string;
  name: string;
}

/** An error answer of the server; the message is a sentence for the user. */
export class ApiError extends Error {
  constructor(
    readonly status: number,
    readonly problems: readonly Problem[],
    readonly usedBy: readonly Dependent[] = [],
  ) {
    super(problems.map((p) => p.detail).join(" ") || `The server answered with error ${status}.`);
    this.name = "ApiError";
  }
}

/** What browsers say when a request or a part of the page cannot be loaded. */
const LOST =
  /failed to fetch|load failed|network ?error|unable to preload|dynamically imported module|importing a module script/i;

export class ConnectionLost extends Error {
  constructor() {
    super("No connection to the server.");
    this.name = "ConnectionLost";
  }
}

export const isConnectionLost = (error: unknown): boolean =>
  error instanceof ConnectionLost || (error instanceof Error && LOST.test(error.message));

export const isSignedOut = (error: unknown): boolean => error instanceof ApiError && error.status === 401;

/** Somebody changed it after it was read. */
export const isOutdated = (error: unknown): boolean =>
  error instanceof ApiError && error.problems.some(({ code }) => code === "outdated");

export function csrfToken(): string {
  return /(?:^|;\s*)csrftoken=([^;]+)/.exec(document.cookie)?.[1] ?? "";
}

export const api = createClient<paths>({ credentials: "same-origin" });

api.use({
  onRequest({ request }) {
    if (request.method !== "GET" && request.method !== "HEAD")
      request.headers.set("X-CSRFToken", csrfToken());
    return request;
  },
  onResponse({ response }) {
    if (response.status === 401) sessionEnded();
    else if (response.ok) sessionGoesOn();
  },
  onError({ error }) {
    return isConnectionLost(error) ? new ConnectionLost() : undefined;
  },
});

interface Answer<T> {
  data?: T;
  error?: unknown;
  response: Response;
}

/** The body of a successful answer; throws ApiError otherwise. */
export async function unwrap<T>(request: Promise<Answer<T>>): Promise<T> {
  const { data, error, response } = await request;
  if (!response.ok || data === undefined)
    throw new ApiError(
      response.status,
      listOf<Problem>(error, "errors"),
      listOf<Dependent>(error, "used_by"),
    );
  return data;
}

/** A list in the body of an error answer, which may also come from a proxy and be anything. */
function listOf<T>(body: unknown, field: string): T[] {
  const list = typeof body === "object" && body !== null && (body as Record<string, unknown>)[field];
  return Array.isArray(list) ? list : [];
}
