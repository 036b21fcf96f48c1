// The loading, empty and error states of a view.
import clsx from "clsx";
import type { ReactNode } from "react";
import { ApiError, ConnectionLost, isConnectionLost } from "../api/client";
import styles from "./notice.module.css";

/** Appears after 300 ms, so that quick answers do not flash a message; `now`: at once. */
export function Loading({ children, now = false }: { children: ReactNode; now?: boolean }) {
  return (
    <div className={clsx(styles.notice, !now && styles.late)} role="status">
      <p className="q">{children}</p>
    </div>
  );
}

export function Empty({ children, action }: { children: ReactNode; action?: ReactNode }) {
  return (
    <div className={styles.notice}>
      <p>{children}</p>
      {action}
    </div>
  );
}

export function Failed({ what, error, retry }: { what: string; error: unknown; retry?: () => void }) {
  const missing = error instanceof ApiError && error.status === 404;
  return (
    <div className={styles.notice} role="alert">
      <p>
        <b>{missing ? `${what} was not found.` : `${what} could not be loaded.`}</b>{" "}
        <span className="q">
          {missing ? "It may have been deleted, or it belongs to another team." : errorMessage(error)}
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

/** Why something that was sent was not done, or what is not known of it. */
export function rejectionMessage(error: unknown): string {
  if (error instanceof ApiError && error.status < 500) return `Refused: ${error.message}`;
  return `${errorMessage(error)} It may have been done all the same: look before you send it again.`;
}

/** An error as a sentence for the user. */
export function errorMessage(error: unknown): string {
  if (!(error instanceof Error)) return "The server did not answer.";
  return isConnectionLost(error) ? new ConnectionLost().message : error.message;
}
