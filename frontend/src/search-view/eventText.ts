// Events of the log as text: one line for one change, with who asked for it or what decided it.
import { formatScore, formatSigned } from "../format/numbers";
import { cutEdge } from "../live/edits";
import type { LogLine, View } from "../live/view";
import type { EventIconKind } from "../ui/EventIcon";
import { describeAnswer } from "./answer";
import { describeChange, describeEdits, describeLost } from "./changeText";
import {
  type CommandContent,
  commandIcon,
  describeApplied,
  describeRequest,
  quoteReason,
} from "./commandText";

export interface EventText {
  icon: EventIconKind;
  actor: string | null;
  text: string;
  detail: string;
}

interface EventContext {
  /** the decision before this one */
  before?: LogLine | undefined;
  /** what the graph became by this decision or command */
  edit?: LogLine | undefined;
  /** how the search ended */
  status?: View["status"];
  /** what the search found, if it has ended */
  answer?: string;
}

/** One log line as text; null if another line already covers it. */
export function describeEvent(
  line: LogLine,
  { before, edit, status, answer = "" }: EventContext = {},
): EventText | null {
  switch (line.kind) {
    case "search_started":
      return { icon: "start", actor: null, text: "Search started", detail: "" };
    case "step_decided":
      return describeDecision(line, before, edit);
    case "graph_edited":
      return line.edits && describeGraphEdit(line, line.edits);
    case "branch_opened":
      return { icon: "start", actor: null, text: `New branch from step ${line.step}`, detail: "" };
    case "command_applied": {
      const command = commandOf(line);
      const lost = edit?.edits ? describeLost(edit.edits) : "";
      return (
        command && {
          icon: commandIcon(command.kind),
          actor: line.by,
          text: describeApplied(command),
          detail: [quoteReason(line.reason), lost].filter(Boolean).join(" "),
        }
      );
    }
    case "command_refused": {
      const command = commandOf(line);
      return (
        command && {
          icon: "refused",
          actor: line.by,
          text: `${describeRequest(command)}: refused`,
          detail: line.why ?? "",
        }
      );
    }
    case "search_finished":
      return {
        icon: status === "cancelled" ? "cancelled" : "end",
        actor: null,
        text: line.why || answer ? "Search ended:" : "Search ended",
        detail: [line.why, answer && `its answer has ${answer}`].filter(Boolean).join("; "),
      };
    default:
      return null;
  }
}

function describeDecision(
  { branch, edits, label, score }: LogLine,
  before: LogLine | undefined,
  edit: LogLine | undefined,
): EventText | null {
  if (!edits) return null;
  const follows = before?.branch === branch; // the first step of a branch has none to compare it with here
  const gain = follows && before.score != null && score !== null ? score - before.score : null;
  const more = gain === null ? "" : `, ${formatSigned(gain, formatScore)}`;
  const cuts = cutEdge(edits) !== null;
  return {
    icon: cuts ? "cut" : "chosen",
    actor: null,
    // What became of its nodes is known of the edit alone.
    text: describeChange({ edits: edit?.edits ?? edits, label, changes: edit?.changes }),
    detail: [`score ${formatScore(score)}${more}`, describeLost(edits)].filter(Boolean).join("; "),
  };
}

/** A change whose decision or command is not among the lines. */
function describeGraphEdit({ cause, changes }: LogLine, edits: NonNullable<LogLine["edits"]>): EventText {
  return {
    icon: cause === "person" ? "manual" : cutEdge(edits) === null ? "chosen" : "cut",
    actor: null,
    text: describeEdits(edits, changes),
    detail: describeLost(edits),
  };
}

function commandOf({ command, ...about }: LogLine): CommandContent | null {
  return command && { ...about, kind: command };
}

/** Whether a change of the graph follows from the line before it. */
function isEffect(line: LogLine | undefined, before: LogLine | undefined): boolean {
  if (line?.kind !== "graph_edited" || !before) return false;
  if (line.cause === "search") return before.kind === "step_decided" && before.step === line.step;
  return before.kind === "command_applied" && (before.command === "remove" || before.command === "restore");
}

/** The log lines that have text, newest first. */
export function describeLog(view: View, log: readonly LogLine[] = view.log) {
  let before: LogLine | undefined;
  const lines = [];
  for (const [i, line] of log.entries()) {
    if (isEffect(line, log[i - 1])) continue;
    const next = log[i + 1];
    const edit = isEffect(next, line) ? next : undefined;
    const answer = line.kind === "search_finished" ? describeAnswer(view) : "";
    const words = describeEvent(line, { before, edit, status: view.status, answer });
    if (line.kind === "step_decided") before = line;
    if (words) lines.push({ line, words });
  }
  return lines.reverse();
}
