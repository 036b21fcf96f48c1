// Commands and events in words: who asked for what, what became of it, and why.
import type { Budget, Command } from "../api/types";
import { LIMITS } from "../format/costs";
import { edgeName, score, signed } from "../format/units";
import type { LogLine } from "../live/events";
import type { EventKindIcon } from "../ui/EventIcon";

/** What a command is about, wherever it comes from: the list of commands, or a line of the log. */
export type Said = Pick<Command, "kind" | "edge" | "node" | "budget" | "weight" | "step">;

export const STATUS_OF_COMMAND: Record<Command["status"], string> = {
  pending: "waits for the end of the round",
  applied: "applied",
  refused: "refused",
  withdrawn: "withdrawn",
};

/** An edge or a node by its name. */
export function targetName(said: Pick<Said, "edge" | "node">): string {
  if (said.edge) return edgeName(said.edge);
  return said.node === null || said.node === undefined ? "the search" : `node ${said.node}`;
}

/** "parameters ≤ 60.0 k and MACs ≤ 14.00 M", or "no limits" */
export function limitsIn(budget: Budget): string {
  const limits = LIMITS.filter(({ key }) => typeof budget[key] === "number");
  return limits.map(({ key, inline, show }) => `${inline} ≤ ${show(budget[key])}`).join(", ") || "no limits";
}

/** The word on its button. */
export function verbOf(kind: Said["kind"]): string {
  return kind === "remove" ? "cut" : kind;
}

/** A command that was given, whatever became of it. */
export function asked(said: Said): string {
  switch (said.kind) {
    case "set_budget":
      return said.budget ? `asked for ${limitsIn(said.budget)}` : "asked for other limits";
    case "set_weight":
      return `asked for a weight of cost of ${said.weight}`;
    case "rollback":
      return `asked to roll back to step ${said.step}`;
    default:
      return `asked to ${verbOf(said.kind)} ${targetName(said)}`;
  }
}

/** A command that was applied. */
export function done(said: Said): string {
  const name = targetName(said);
  switch (said.kind) {
    case "lock":
      return `locked ${name}`;
    case "unlock":
      return `unlocked ${name}`;
    case "remove":
      return `cut ${name} by hand`;
    case "restore":
      return `restored ${name}`;
    case "set_budget":
      return said.budget ? `set ${limitsIn(said.budget)}` : "set other limits";
    case "set_weight":
      return `set the weight of cost to ${said.weight}`;
    case "rollback":
      return `rolled back to step ${said.step}`;
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

export function iconOf(kind: Said["kind"]): EventKindIcon {
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

export interface EventWords {
  icon: EventKindIcon;
  who: string | null;
  what: string;
  why: string;
}

/** One line of the log; null for one that another line says already. */
export function eventWords(line: LogLine, before: LogLine | undefined): EventWords | null {
  switch (line.kind) {
    case "search_started":
      return { icon: "start", who: null, what: "Search started", why: "" };
    case "step_decided": {
      const gain = before?.score != null && line.score !== null ? line.score - before.score : null;
      const more = gain === null ? "" : `, ${signed(gain, (v) => v.toFixed(4))}`;
      return {
        icon: "cut",
        who: null,
        what: `${targetName(line)} cut`,
        why: `score ${score(line.score)}${more}`,
      };
    }
    case "edge_removed":
      if (line.cause !== "collapse") return null;
      return {
        icon: "fall",
        who: null,
        what: `${targetName(line)} gone`,
        why: "nothing reached it any more",
      };
    case "edge_added":
      // What a person brings back, the command says.
      return line.cause === "search"
        ? { icon: "added", who: null, what: `${targetName(line)} added`, why: "" }
        : null;
    case "branch_opened":
      return {
        icon: "start",
        who: null,
        what: `A new branch begins at step ${line.step}`,
        why: "",
      };
    case "command_applied": {
      const said = saidBy(line);
      return said && { icon: iconOf(said.kind), who: line.by, what: done(said), why: quoted(line.reason) };
    }
    case "command_refused": {
      const said = saidBy(line);
      return said && { icon: "refused", who: line.by, what: `${asked(said)}. Refused`, why: line.why ?? "" };
    }
    case "search_finished":
      return { icon: "end", who: null, what: "Search ended", why: line.why ?? "" };
    default:
      return null;
  }
}

function saidBy({ command, ...about }: LogLine): Said | null {
  return command && { ...about, kind: command };
}

export function quoted(reason: string | null): string {
  return reason ? `“${reason}”` : "";
}

/** Lines with their words and the step they belong to, newest first. */
export function wordsOf(log: readonly LogLine[]) {
  let step = 0;
  let decided: LogLine | undefined;
  const lines = [];
  for (const line of log) {
    if (line.step !== null) step = line.step;
    const words = eventWords(line, decided);
    if (line.kind === "step_decided") decided = line;
    if (words) lines.push({ line, words, step });
  }
  return lines.reverse();
}
