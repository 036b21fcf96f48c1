// The label of a pending command on an edge or node.

import type { Command } from "../../api/types";
import { commandVerb } from "../../search-view/commandText";
import styles from "./cell.module.css";

export function PendingLabel({ command }: { command: Command | null }) {
  if (!command) return null;
  return (
    <span className={styles.pending}>
      {" "}
      {command.by} asked to {commandVerb(command.kind)}
    </span>
  );
}
