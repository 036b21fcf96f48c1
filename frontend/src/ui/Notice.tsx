// The loading, empty and error states of a view.
import type { ReactNode } from "react";
import { ApiError } from "../api/client";

/** Appears after 300 ms, so that quick answers do not flash a message. */
export function Loading({ children }: { children: ReactNode }) {
  return (
    <div className="notice late" role="status">
      <p className="q">{children}</p>
    </div>
  );
}

export function Empty({ children, action }: { children: ReactNode; action?: ReactNode }) {
  return (
    <div className="notice">
      <p>{children}</p>
      {action}
    </div>
  );
}

export function Failed({ what, error, retry }: { what: string; error: unknown; retry?: () => void }) {
  const missing = error instanceof ApiError && error.status === 404;
  return (
    <div className="notice" role="alert">
      <p>
        <b>{missing ? `${what} is not here.` : `${what} could not be read.`}</b>{" "}
        <span className="q">
          {missing ? "It may have been removed, or belongs to another team." : errorMessage(error)}
        </span>
      </p>
      {retry && !missing && (
        <button type="button" className="btn" onClick={retry}>
          Try again
        </button>
      )}
    </div>
  );
}

export function errorMessage(error: unknown): string {
  return error instanceof Error ? error.message : "The server did not answer.";
}
