// What surrounds a command where it is given: why a person does it, that it waits, that it was refused.
import "./steering.css";
import { useId } from "react";
import type { Command } from "../../api/types";
import { asked, quoted } from "../../search-view/said";
import type { Place, Steering } from "./useSteering";

/** Sent with whatever command is given at this place; kept when that is refused. */
export function Reason({ place, steering }: { place: Place; steering: Steering }) {
  const id = useId();
  return (
    <div className="reason">
      <label htmlFor={id}>Why</label>
      <input
        id={id}
        type="text"
        maxLength={300}
        autoComplete="off"
        placeholder="optional"
        value={steering.reason(place)}
        onChange={(event) => steering.write(place, event.target.value)}
      />
    </div>
  );
}

interface WaitingProps {
  command: Command;
  place: Place;
  steering: Steering;
}

export function Waiting({ command, place, steering }: WaitingProps) {
  return (
    <p className="pending" role="status">
      <b>{command.by}</b> {asked(command)}. Waits for the end of the round. {quoted(command.reason)}{" "}
      <Withdraw command={command} place={place} steering={steering} />
    </p>
  );
}

export function Withdraw({ command, place, steering }: WaitingProps) {
  return (
    <button
      type="button"
      className="btn small withdraw"
      aria-label={`Withdraw: ${command.by} ${asked(command)}`}
      disabled={steering.busy}
      onClick={() => void steering.withdraw(command.id, place)}
      {...steering.watching}
    >
      Withdraw
    </button>
  );
}

export function Refused({ place, steering }: { place: Place; steering: Steering }) {
  const refusal = steering.refusal(place);
  if (!refusal) return null;
  return (
    <p className="refused" role="alert">
      Refused: {refusal.why}
    </p>
  );
}
