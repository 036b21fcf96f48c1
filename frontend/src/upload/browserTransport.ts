// The transport in browsers: JSON through the API client, parts by XMLHttpRequest, because only that reports upload
// progress.
import { api, csrfToken } from "../api/client";
import { sessionEnded } from "../api/session";
import type { Upload } from "../api/types";
import { Dropped, Refused, type Transport } from "./transport";

/** A connection without progress for this long counts as broken; the browser itself may wait for ever. */
const STALLED_MS = 60_000;
/** Messages with advice for the user, in place of the server's generic ones. */
const MESSAGES: Readonly<Record<number, string>> = {
  401: "You are signed out. Sign in, then continue.",
  404: "The upload no longer exists. It was cancelled or expired.",
};

export const browserTransport: Transport<Upload> = {
  create: ({ name, bytes, modified, title, ...options }) =>
    unwrapAnswer(
      api.POST("/api/uploads", {
        body: {
          name,
          bytes,
          modified,
          ...(title && { title }),
          ...(Object.keys(options).length > 0 && { options }),
        },
      }),
    ),
  read: (id) => unwrapAnswer(api.GET("/api/uploads/{id}", { params: { path: { id } } })),
  put,
  finish: (id) => unwrapAnswer(api.POST("/api/uploads/{id}/finish", { params: { path: { id } } })),
  cancel: async (id) => {
    await unwrapAnswer(api.DELETE("/api/uploads/{id}", { params: { path: { id } } }), null);
  },
};

interface Answer<T> {
  data?: T;
  error?: unknown;
  response: Response;
}

/** The body of a successful answer (or `nothing` if it has none); throws Refused or Dropped. */
async function unwrapAnswer<T>(request: Promise<Answer<T>>, nothing?: T): Promise<T> {
  const { data, error, response } = await request.catch(() => {
    throw new Dropped();
  });
  if (!response.ok) throw refusedFrom(response.status, error, response.headers.get("Retry-After"));
  const body = data ?? nothing;
  if (body === undefined) throw new Dropped("The server's answer was incomplete.");
  return body;
}

function put(
  id: string,
  offset: number,
  part: Blob,
  sent: (bytes: number) => void,
  signal: AbortSignal,
): Promise<Upload> {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    const leave = () => request.abort(); // ends like a request without a status: Dropped
    let stalled = window.setTimeout(leave, STALLED_MS);
    request.open("PUT", `/api/uploads/${encodeURIComponent(id)}/parts?offset=${offset}`);
    request.setRequestHeader("Content-Type", "application/octet-stream");
    request.setRequestHeader("X-CSRFToken", csrfToken());
    request.upload.onprogress = (event) => {
      window.clearTimeout(stalled);
      stalled = window.setTimeout(leave, STALLED_MS);
      sent(event.loaded);
    };
    request.onloadend = () => {
      window.clearTimeout(stalled);
      signal.removeEventListener("abort", leave);
      if (request.status === 0) return reject(new Dropped());
      const body = parseJson(request.responseText);
      if (request.status === 200 && body) return resolve(body as Upload);
      if (request.status === 401) sessionEnded();
      reject(refusedFrom(request.status, body, request.getResponseHeader("Retry-After")));
    };
    signal.addEventListener("abort", leave);
    request.send(part);
  });
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null; // a proxy's error page, not an answer of the server
  }
}

/** The error from the server's answer. */
export function refusedFrom(status: number, body: unknown, retryAfter: string | null): Refused {
  const fields = typeof body === "object" && body !== null ? (body as Record<string, unknown>) : {};
  const errors = Array.isArray(fields.errors)
    ? (fields.errors as { detail?: unknown; attr?: unknown }[])
    : [];
  const sentences = errors.map(({ detail }) => detail).filter((each) => typeof each === "string");
  const detail = sentences.join(" ") || (typeof fields.detail === "string" ? fields.detail : "");
  const after = Number.parseInt(retryAfter ?? "", 10);
  return new Refused(
    status,
    MESSAGES[status] ?? detail,
    typeof fields.received === "number" ? fields.received : null,
    Number.isFinite(after) ? after : null,
    errors.map(({ attr }) => attr).find((each) => typeof each === "string") ?? null,
  );
}
