// Commands as text: who asked for what, what became of it, and why.
import type { Budget, Command } from "../api/types";
import { LIMITS } from "../format/costs";
import { formatEdge } from "../format/units";
import type { EventIconKind } from "../ui/EventIcon";

/** The content of a command, from the list of commands or from a log line. */
export type CommandContent = Pick<Command, "kind" | "edge" | "node" | "budget" | "weight" | "step">;

export const COMMAND_STATUS_TEXT: Record<Command["status"], string> = {
  pending: "waits for the end of the round",
  applied: "applied",
  refused: "refused",
  withdrawn: "withdrawn",
};

/** The name of a command's edge or node. */
export function targetName(command: Pick<CommandContent, "edge" | "node">): string {
  if (command.edge) return formatEdge(command.edge);
  return command.node === null || command.node === undefined ? "the search" : `node ${command.node}`;
}

/** "parameters ≤ 60.0 k and MACs ≤ 14.00 M", or "no limits" */
export function describeLimits(budget: Budget): string {
  const limits = LIMITS.filter(({ key }) => typeof budget[key] === "number");
  return limits.map(({ key, inline, show }) => `${inline} ≤ ${show(budget[key])}`).join(", ") || "no limits";
}

/** The label of its button. */
export function commandVerb(kind: CommandContent["kind"]): string {
  return kind === "remove" ? "cut" : kind;
}

/** A command as a request, whatever its outcome. */
export function describeRequest(command: CommandContent): string {
  switch (command.kind) {
    case "set_budget":
      return command.budget ? `asked for ${describeLimits(command.budget)}` : "asked for other limits";
    case "set_weight":
      return `asked for a weight of cost of ${command.weight}`;
    case "rollback":
      return `asked to roll back to step ${command.step}`;
    default:
      return `asked to ${commandVerb(command.kind)} ${targetName(command)}`;
  }
}

/** A command that was applied, as text. */
export function describeApplied(command: CommandContent): string {
  const name = targetName(command);
  switch (command.kind) {
    case "lock":
      return `locked ${name}`;
    case "unlock":
      return `unlocked ${name}`;
    case "remove":
      return `cut ${name} by hand`;
    case "restore":
      return `restored ${name}`;
    case "set_budget":
      return command.budget ? `set ${describeLimits(command.budget)}` : "set other limits";
    case "set_weight":
      return `set the weight of cost to ${command.weight}`;
    case "rollback":
      return `rolled back to step ${command.step}`;
    case "pause":
      return "paused the search";
    case "resume":
      return "resumed the search";
    case "stop":
      return "stopped the search";
    case "cancel":
      return "cancelled the search";
  }
}

export function commandIcon(kind: CommandContent["kind"]): EventIconKind {
  switch (kind) {
    case "lock":
    case "unlock":
      return "lock";
    case "set_budget":
    case "set_weight":
      return "limit";
    case "restore":
      return "added";
    case "rollback":
      return "back";
    default:
      return "hand";
  }
}

export function quoteReason(reason: string | null): string {
  return reason ? `“${reason}”` : "";
}
