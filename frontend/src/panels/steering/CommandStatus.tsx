// Parts shown where a command is given: the reason field, the pending command, the refusal.
import "./steering.css";
import { useId } from "react";
import { useLimits } from "../../api/engine";
import type { Command } from "../../api/types";
import { describeRequest, quoteReason } from "../../search-view/commandText";
import type { Place, Steering } from "./useSteering";

/** The reason is sent with the next command from this place, and kept if that is refused. */
export function ReasonField({ place, steering }: { place: Place; steering: Steering }) {
  const limits = useLimits();
  const id = useId();
  return (
    <div className="reason">
      <label htmlFor={id}>Reason</label>
      <input
        id={id}
        type="text"
        maxLength={limits?.reason}
        autoComplete="off"
        placeholder="optional"
        value={steering.reason(place)}
        onChange={(event) => steering.setReason(place, event.target.value)}
      />
    </div>
  );
}

interface PendingCommandProps {
  command: Command;
  place: Place;
  steering: Steering;
}

export function PendingCommand({ command, place, steering }: PendingCommandProps) {
  return (
    <p className="pending" role="status">
      <b>{command.by}</b> {describeRequest(command)}. Applies when this step ends.{" "}
      {quoteReason(command.reason)} <WithdrawButton command={command} place={place} steering={steering} />
    </p>
  );
}

export function WithdrawButton({ command, place, steering }: PendingCommandProps) {
  return (
    <button
      type="button"
      className="btn small withdraw"
      aria-label={`Undo request: ${command.by} ${describeRequest(command)}`}
      disabled={steering.busy}
      onClick={() => void steering.withdraw(command.id, place)}
      {...steering.readOnly}
    >
      Undo request
    </button>
  );
}

export function RefusedCommand({ place, steering }: { place: Place; steering: Steering }) {
  const refusal = steering.refusal(place);
  if (!refusal) return null;
  return (
    <p className="refused" role="alert">
      Refused: {refusal.why}
    </p>
  );
}
