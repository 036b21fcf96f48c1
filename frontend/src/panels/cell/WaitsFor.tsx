// Who asked for what on an edge or a node, while it waits.
import type { Command } from "../../api/types";
import { verbOf } from "../../search-view/said";

export function WaitsFor({ command }: { command: Command | null }) {
  if (!command) return null;
  return (
    <span className="w-asked">
      {" "}
      {command.by} asked to {verbOf(command.kind)}
    </span>
  );
}
