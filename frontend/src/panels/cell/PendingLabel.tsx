// The label of a pending command on an edge or node.
import type { Command } from "../../api/types";
import { commandVerb } from "../../search-view/commandText";

export function PendingLabel({ command }: { command: Command | null }) {
  if (!command) return null;
  return (
    <span className="w-pending">
      {" "}
      {command.by} asked to {commandVerb(command.kind)}
    </span>
  );
}
