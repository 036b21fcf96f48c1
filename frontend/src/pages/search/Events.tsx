// Who did what, when and why; newest first, what still waits on top.
import { useMemo } from "react";
import type { LogLine, View } from "../../live/events";
import type { Beside } from "../../live/messages";
import { EventIcon } from "../../parts/EventIcon";
import { edgeName, timeOfDay } from "../../units";
import type { Moment } from "./moment";
import type { Selection } from "./useLook";
import { asked, eventWords, quoted } from "./words";

interface EventsProps {
  view: View;
  beside: Beside | null;
  moment: Moment;
  selection: Selection;
}

export function Events({ view, beside, moment, selection }: EventsProps) {
  const lines = useMemo(() => wordsOf(view.log), [view.log]);
  const pending = beside?.pending.filter((c) => c.status === "pending") ?? [];
  return (
    <section className="plate" aria-label="Events">
      <header>
        <h2>Events</h2>
        <span className="sub">who, when, why</span>
      </header>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard */}
      <ol className="log" tabIndex={0} aria-label="Events, newest first">
        {pending.map((command) => (
          <li key={`c${command.id}`}>
            <EventIcon kind="waiting" />
            <time dateTime={command.created_at}>{timeOfDay(command.created_at)}</time>
            <span>
              <b>{command.by}</b> {asked(command.kind, command.edge ? edgeName(command.edge) : "")}{" "}
              <span className="sub">waits for the end of the round {quoted(command.reason)}</span>
            </span>
          </li>
        ))}
        {lines.map(({ line, words, step }) => (
          <li
            key={line.seq}
            className={`${line.edge !== null && line.edge === selection.shown ? "on" : ""}${step > moment.step ? " later" : ""}`}
          >
            <EventIcon kind={words.icon} />
            <time dateTime={line.at}>{timeOfDay(line.at)}</time>
            <span>
              {words.who && <b>{words.who} </b>}
              {words.what} <span className="sub">{words.why}</span>
            </span>
          </li>
        ))}
      </ol>
    </section>
  );
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
