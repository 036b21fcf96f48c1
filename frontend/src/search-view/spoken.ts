// The latest news of a search as one sentence for a screen reader.
import { LIMITS } from "../format/costs";
import type { View } from "../live/events";
import type { Beside } from "../live/messages";
import { asked, eventWords } from "./said";

export function spoken(view: View, beside: Beside | null = null): string {
  const said = waitingNow(view, beside);
  if (said) return said;
  if (view.status === "finished" || view.status === "stopped" || view.status === "cancelled") {
    return `Search ${view.status} after ${view.step} steps.`;
  }
  const decided = view.history[view.history.length - 1];
  if (!decided) return view.status === "running" ? `${byPeople(view)}Search started.` : "";
  const [over] = view.over;
  const cut = `${byPeople(view)}Step ${decided.step}. Edge ${decided.edge.replace("-", " to ")} cut.`;
  const words = over && LIMITS.find((c) => c.key === over.limit);
  if (!over || !words) return `${cut} It fits every limit.`;
  const beyond = Math.max(1, Math.round((over.value / over.allowed - 1) * 100));
  return `${cut} ${words.show(over.value)} of ${words.show(over.allowed)} ${words.inline}, ${beyond} % over.`;
}

/** What somebody asked for since the log last grew. */
function waitingNow(view: View, beside: Beside | null): string | null {
  const command = beside?.pending.findLast((each) => each.status === "pending");
  const last = view.log[view.log.length - 1];
  if (!command || (last && Date.parse(last.at) > Date.parse(command.created_at))) return null;
  return aloud(`${command.by} ${asked(command)}. It waits for the end of the round. `).trim();
}

/** What became of commands with the latest decision, or since. */
function byPeople(view: View): string {
  const end = view.log.length - (view.log[view.log.length - 1]?.kind === "step_decided" ? 1 : 0);
  const from = view.log.findLastIndex((line, i) => i < end && line.kind === "step_decided") + 1;
  return view.log
    .slice(from, end)
    .filter((line) => line.kind === "command_applied" || line.kind === "command_refused")
    .map((line) => {
      const words = eventWords(line, undefined);
      return words ? aloud(`${words.who} ${words.what}${line.why ? `: ${line.why}` : ""}. `) : "";
    })
    .join("");
}

function aloud(text: string): string {
  return text.replaceAll("→", " to ");
}
