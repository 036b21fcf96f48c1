// Who asked for what on an edge or a node, while it waits.
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
