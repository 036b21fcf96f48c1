// Parts shown where a command is given: the reason field, the pending command, the rejection.
import clsx from "clsx";
import { useId } from "react";
import { useLimits } from "../../api/engine";
import type { Command } from "../../api/types";
import { describeRequest, quoteReason } from "../../search-view/commandText";
import { rejectionMessage } from "../../ui/Notice";
import styles from "./steering.module.css";
import type { CommandOrigin, Steering } from "./useSteering";

interface ReasonFieldProps {
  origin: CommandOrigin;
  steering: Steering;
  className?: string | undefined;
}

/** The reason is sent with the next command from this origin, and kept if that is refused. */
export function ReasonField({ origin, steering, className }: ReasonFieldProps) {
  const limits = useLimits();
  const id = useId();
  return (
    <div className={clsx(styles.reason, className)}>
      <label htmlFor={id}>Reason</label>
      <input
        id={id}
        type="text"
        maxLength={limits?.reason}
        autoComplete="off"
        placeholder="optional"
        value={steering.reason(origin)}
        onChange={(event) => steering.setReason(origin, event.target.value)}
      />
    </div>
  );
}

interface PendingCommandProps {
  command: Command;
  origin: CommandOrigin;
  steering: Steering;
}

export function PendingCommand({ command, origin, steering }: PendingCommandProps) {
  return (
    <p className={styles.pending} role="status">
      <b>{command.by}</b> {describeRequest(command)}. Applies when this step ends.{" "}
      {quoteReason(command.reason)} <WithdrawButton command={command} origin={origin} steering={steering} />
    </p>
  );
}

export function WithdrawButton({ command, origin, steering }: PendingCommandProps) {
  return (
    <button
      type="button"
      className={clsx("btn small", styles.withdraw)}
      aria-label={`Undo request: ${command.by} ${describeRequest(command)}`}
      disabled={steering.busy}
      onClick={() => void steering.withdraw(command.id, origin)}
      {...steering.readOnly}
    >
      Undo request
    </button>
  );
}

export function RefusedCommand({ origin, steering }: { origin: CommandOrigin; steering: Steering }) {
  const rejection = steering.rejection(origin);
  if (!rejection) return null;
  return (
    <p className={styles.refused}>
      <span role="alert">{rejectionMessage(rejection.error)}</span>{" "}
      <button type="button" className="btn small quiet" onClick={() => steering.dismiss(origin)}>
        Dismiss
      </button>
    </p>
  );
}
