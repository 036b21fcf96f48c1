// The latest news of a search as one sentence for a screen reader.

import type { Command } from "../api/types";
import { LIMITS } from "../format/costs";
import { formatExcess } from "../format/numbers";
import { plural } from "../format/text";
import type { History } from "../live/history";
import { lineOf } from "../live/line";
import type { Telemetry } from "../live/messages";
import type { View } from "../live/view";
import { explainAnswering, speakAnswer } from "./answer";
import { changeOfStep, speakChange } from "./changeText";
import { describeRequest } from "./commandText";
import { describeEvent } from "./eventText";

export function announcement(
  view: View,
  history: History,
  telemetry: Telemetry | null = null,
  /** the request that left the pending ones last */
  left: Command | null = null,
): string {
  const isUpToDate = telemetry !== null && telemetry.seq <= view.seq; // else events may say that it was applied
  if (left && isUpToDate && view.log.length > 0 && !isOlder(left, view))
    return speakable(`Undone: ${left.by} ${describeRequest(left)}.`);
  const pending = announcePending(view, telemetry);
  if (pending) return pending;
  if (view.status === "finished" || view.status === "stopped" || view.status === "cancelled") {
    return `Search ${view.status} after ${plural(view.step, "step")}.${speakAnswer(view)}`;
  }
  if (view.phase === "answer")
    return `${announceCommands(view)}${explainAnswering({ candidateCount: view.candidates.count }, view)}`;
  const line = lineOf(history, view.branch);
  const decided = line.steps.at(-1);
  if (!decided) return view.status === "running" ? `${announceCommands(view)}Search started.` : "";
  const [over] = view.over;
  const news = `${announceCommands(view)}Step ${decided.step}. ${speakChange(changeOfStep(line, decided))}`;
  const words = over && LIMITS.find((c) => c.key === over.limit);
  if (!over || !words) return hasLimits(view) ? `${news} The cell fits all limits.` : news;
  return `${news} ${words.name} ${words.show(over.value)}, limit ${words.show(over.allowed)}, ${formatExcess(over.value, over.allowed)}.`;
}

function hasLimits({ budget }: View): boolean {
  return budget !== null && LIMITS.some(({ key }) => typeof budget[key] === "number");
}

/** A command that was given since the last log line. */
function announcePending(view: View, telemetry: Telemetry | null): string | null {
  const command = telemetry?.pending.findLast((each) => each.status === "pending");
  if (!command || isOlder(command, view)) return null;
  return speakable(`${command.by} ${describeRequest(command)}. It applies when this step ends. `).trim();
}

/** Whether the log went on since the command was given: then it says what became of it. */
function isOlder(command: Command, { log }: View): boolean {
  const last = log[log.length - 1];
  return last !== undefined && Date.parse(last.at) > Date.parse(command.created_at);
}

/** The outcomes of commands with or since the latest decision. */
function announceCommands(view: View): string {
  const decided = view.log.findLastIndex((line) => line.kind === "step_decided");
  // A decision and its effect stand at the end until a command follows.
  const isNew = view.log
    .slice(decided)
    .every(({ cause, kind }) => kind === "step_decided" || cause === "search");
  const end = decided >= 0 && isNew ? decided : view.log.length;
  const from = view.log.findLastIndex((line, i) => i < end && line.kind === "step_decided") + 1;
  return view.log
    .slice(from, end)
    .filter((line) => line.kind === "command_applied" || line.kind === "command_refused")
    .map((line) => {
      const words = describeEvent(line);
      return words ? speakable(`${words.actor} ${words.text}${line.why ? `: ${line.why}` : ""}. `) : "";
    })
    .join("");
}

function speakable(text: string): string {
  return text.replaceAll("→", " to ");
}
