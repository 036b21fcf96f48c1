// Commands as text: who asked for what, what became of it, and why.

import type { Budget, Command } from "../api/types";
import { LIMITS } from "../format/costs";
import { formatNumber } from "../format/numbers";
import { formatEdge } from "../format/text";
import type { EventIconKind } from "../ui/EventIcon";

/** The content of a command, from the list of commands or from a log line. */
export type CommandContent = Pick<Command, "kind" | "edge" | "node" | "budget" | "weight" | "step">;

export const COMMAND_STATUS_TEXT: Record<Command["status"], string> = {
  pending: "applies when this step ends",
  applied: "applied",
  refused: "refused",
  withdrawn: "undone",
};

const NO_LIMITS = "no limits";

/** The name of a command's edge or node. */
export function targetName(command: Pick<CommandContent, "edge" | "node">): string {
  if (command.edge) return formatEdge(command.edge);
  return command.node === null || command.node === undefined ? "the search" : `node ${command.node}`;
}

/** "parameters ≤ 60 k, MACs ≤ 14 M", or "no limits" */
export function describeLimits(budget: Budget): string {
  const limits = LIMITS.filter(({ key }) => typeof budget[key] === "number");
  return limits.map(({ key, inline, show }) => `${inline} ≤ ${show(budget[key])}`).join(", ") || NO_LIMITS;
}

function namedLimits(budget: Budget): string {
  const limits = describeLimits(budget);
  return limits === NO_LIMITS ? limits : `limits: ${limits}`;
}

/** The label of its button. */
export function commandVerb(kind: CommandContent["kind"]): string {
  return kind === "remove" ? "cut" : kind;
}

/** A command as a request, whatever its outcome. */
export function describeRequest(command: CommandContent): string {
  switch (command.kind) {
    case "set_budget":
      return command.budget ? `asked for ${namedLimits(command.budget)}` : "asked for other limits";
    case "set_weight":
      return `asked for a cost weight of ${formatNumber(command.weight)}`;
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
      return `cut ${name}`;
    case "restore":
      return `restored ${name}`;
    case "set_budget":
      return command.budget ? `set ${namedLimits(command.budget)}` : "set other limits";
    case "set_weight":
      return `set the cost weight to ${formatNumber(command.weight)}`;
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
      return "rollback";
    case "pause":
      return "pause";
    case "resume":
      return "start";
    case "stop":
      return "stop";
    case "cancel":
      return "cancelled";
    case "remove":
      return "manual";
  }
}

export function quoteReason(reason: string | null): string {
  return reason ? `“${reason}”` : "";
}
