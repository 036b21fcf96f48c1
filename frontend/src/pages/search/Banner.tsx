// One line under the header if there is a problem: what, since when, and what can be done.

import { useSession } from "../../api/session";
import { formatDuration } from "../../format/dates";
import type { SearchStatus, Telemetry } from "../../live/messages";
import type { LinkState } from "../../live/socket";
import { HEAD, type Steering } from "../../panels/steering/useSteering";
import { errorMessage } from "../../ui/Notice";
import { useAge } from "../../ui/useAge";

interface BannerProps {
  link: LinkState;
  lastMessageAt: number | null;
  status: SearchStatus;
  step: number;
  telemetry: Telemetry | null;
  steering: Steering;
}

/** Workers are silent between epochs; a longer silence than this is reported. */
const SILENCE_S = 60;

export function Banner({ link, lastMessageAt, status, step, telemetry, steering }: BannerProps) {
  const age = useAge(lastMessageAt);
  const signedOut = useSession((session) => session.ended); // which the frame of the page says
  const rejection = steering.rejection(HEAD);
  if (link === "lost" && !signedOut && age !== null && age >= 2) {
    return (
      <Line kind="stale" mark={CLOCK}>
        <b>Connection lost, last update {formatDuration(age)} ago.</b> Showing the last known state.
        Reconnecting…
      </Line>
    );
  }
  if (rejection) {
    return (
      <Line
        kind="error"
        mark={ALERT}
        action={
          <button type="button" className="btn small" onClick={() => steering.dismiss(HEAD)}>
            Dismiss
          </button>
        }
      >
        <b>Could not {rejection.kind === "withdraw" ? "undo the request" : rejection.kind}.</b>{" "}
        {errorMessage(rejection.error)}
      </Line>
    );
  }
  if (telemetry?.error) {
    return (
      <Line kind="error" mark={ALERT}>
        <b>{status === "failed" ? "The search failed." : "An error occurred."}</b> {telemetry.error} Step{" "}
        {step} is saved.
      </Line>
    );
  }
  if (link === "live" && status === "running" && age !== null && age >= SILENCE_S) {
    return (
      <Line kind="stale" mark={CLOCK}>
        <b>The worker has not reported for {formatDuration(age)}.</b> Step {step} is saved, and another worker
        will continue from it. Requests apply then.
      </Line>
    );
  }
  return null;
}

/** Shown above an abandoned branch, with a button to the latest one. */
export function AbandonedBranchBanner({
  branch,
  step,
  back,
}: {
  branch: number;
  step: number;
  back: () => void;
}) {
  return (
    <Line
      kind="info"
      mark={CLOCK}
      action={
        <button type="button" className="btn small" onClick={back}>
          Go to the latest branch
        </button>
      }
    >
      <b>
        This is branch {branch}, which ended at step {step}.
      </b>{" "}
      It no longer changes.
    </Line>
  );
}

const CLOCK = (
  <>
    <circle cx="8" cy="8" r="6.2" />
    <path d="M8 4.5V8l2.5 1.5" />
  </>
);
const ALERT = <path d="M8 2l6.5 12h-13zM8 6.5v3.5M8 11.5v1" />;

interface LineProps {
  kind: "stale" | "error" | "info";
  mark: React.ReactNode;
  action?: React.ReactNode;
  children: React.ReactNode;
}

function Line({ kind, mark, action, children }: LineProps) {
  return (
    <div className="banner" data-kind={kind} role={kind === "error" ? "alert" : "status"}>
      <svg viewBox="0 0 16 16" fill="none" stroke="currentColor" strokeWidth="1.6" aria-hidden="true">
        {mark}
      </svg>
      <span>{children}</span>
      {action}
    </div>
  );
}
