// The one door to the server: typed by its own OpenAPI schema, with the CSRF header on whatever writes.
import createClient from "openapi-fetch";
import type { paths } from "./schema";

export interface Problem {
  code: string;
  detail: string;
  attr: string | null;
}

/** A refusal or failure; the message is a sentence a person can read. */
export class ApiError extends Error {
  constructor(
    readonly status: number,
    readonly problems: readonly Problem[],
  ) {
    super(problems.map((p) => p.detail).join(" ") || `The server answered ${status}.`);
    this.name = "ApiError";
  }
}

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
    // Signed out elsewhere, or after too long.
    if (response.status === 401) signIn();
  },
});

/** To the sign-in page, and from there back to this very one. */
export function signIn(): void {
  location.assign(`/accounts/login/?next=${encodeURIComponent(location.pathname + location.search)}`);
}

interface Answer<T> {
  data?: T;
  error?: unknown;
  response: Response;
}

/** The body of a good answer; throws ApiError for any other. */
export async function unwrap<T>(request: Promise<Answer<T>>): Promise<T> {
  const { data, error, response } = await request;
  if (!response.ok || data === undefined) throw new ApiError(response.status, problemsOf(error));
  return data;
}

function problemsOf(body: unknown): Problem[] {
  if (typeof body !== "object" || body === null || !("errors" in body)) return [];
  return Array.isArray(body.errors) ? body.errors : [];
}
