// Events of the log as text.
import { formatScore, formatSigned } from "../format/numbers";
import type { LogLine, View } from "../live/events";
import type { EventIconKind } from "../ui/EventIcon";
import { describeAnswer } from "./answer";
import { describeChange } from "./changeText";
import {
  type CommandContent,
  commandIcon,
  describeApplied,
  describeRequest,
  quoteReason,
  targetName,
} from "./commandText";
import { decisionOf } from "./replay";

export interface EventText {
  icon: EventIconKind;
  actor: string | null;
  text: string;
  detail: string;
}

interface EventContext {
  /** how the search ended */
  status?: View["status"];
  /** of a decision that is not the cut of an edge */
  label?: string | null;
  /** what the search found, if it has ended */
  answer?: string;
}

/** One log line as text; null if another line already covers it. */
export function describeEvent(
  line: LogLine,
  before: LogLine | undefined,
  { status, label = null, answer = "" }: EventContext = {},
): EventText | null {
  switch (line.kind) {
    case "search_started":
      return { icon: "start", actor: null, text: "Search started", detail: "" };
    case "step_decided": {
      const gain = before?.score != null && line.score !== null ? line.score - before.score : null;
      const more = gain === null ? "" : `, ${formatSigned(gain, formatScore)}`;
      return {
        icon: line.edge === null ? "chosen" : "cut",
        actor: null,
        text: describeChange({ edge: line.edge, label }),
        detail: `score ${formatScore(line.score)}${more}`,
      };
    }
    case "edge_removed":
      if (line.cause !== "collapse") return null;
      return {
        icon: "collapsed",
        actor: null,
        text: `${targetName(line)} removed`,
        detail: "it had no input left",
      };
    case "branch_opened":
      return {
        icon: "start",
        actor: null,
        text: `New branch from step ${line.step}`,
        detail: "",
      };
    case "command_applied": {
      const command = commandOf(line);
      return (
        command && {
          icon: commandIcon(command.kind),
          actor: line.by,
          text: describeApplied(command),
          detail: quoteReason(line.reason),
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

function commandOf({ command, ...about }: LogLine): CommandContent | null {
  return command && { ...about, kind: command };
}

/** The log lines that have text, with the step they belong to, newest first. */
export function describeLog(view: View, log: readonly LogLine[] = view.log) {
  let step = 0;
  let decided: LogLine | undefined;
  const lines = [];
  for (const line of log) {
    if (line.step !== null) step = line.step;
    const label = line.kind === "step_decided" ? (decisionOf(view, line)?.label ?? null) : null;
    const answer = line.kind === "search_finished" ? describeAnswer(view) : "";
    const words = describeEvent(line, decided, { status: view.status, label, answer });
    if (line.kind === "step_decided") decided = line;
    if (words) lines.push({ line, words, step });
  }
  return lines.reverse();
}
