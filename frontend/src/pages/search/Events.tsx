// Who did what, when and why, newest first, what still waits on top; or the commands alone, each with what became of it.
import { useMemo, useState } from "react";
import type { LogLine, View } from "../../live/events";
import type { Beside } from "../../live/messages";
import { EventIcon } from "../../parts/EventIcon";
import { timeOfDay } from "../../units";
import { Refused, Withdraw } from "./Asked";
import { Commands } from "./Commands";
import type { Moment } from "./moment";
import { ownLines } from "./replay";
import { asked, eventWords, quoted } from "./said";
import type { Selection } from "./useLook";
import { listed, type Steering } from "./useSteering";

interface EventsProps {
  search: string;
  steering: Steering;
  view: View;
  beside: Beside | null;
  moment: Moment;
  selection: Selection;
}

const LISTS = ["Events", "Commands"] as const;

export function Events(props: EventsProps) {
  const [list, setList] = useState<(typeof LISTS)[number]>("Events");
  const waiting = props.beside?.pending.filter((c) => c.status === "pending").length ?? 0;
  return (
    <section className="plate" aria-label={list}>
      <header>
        <h2>{list}</h2>
        <span className="sub">{waiting > 0 ? `${waiting} waiting` : "who, when, why"}</span>
        <fieldset className="end seg">
          <legend className="sr">List</legend>
          {LISTS.map((each) => (
            <button type="button" key={each} aria-pressed={list === each} onClick={() => setList(each)}>
              {each}
            </button>
          ))}
        </fieldset>
      </header>
      {list === "Events" ? (
        <Log {...props} />
      ) : (
        <Commands search={props.search} view={props.view} beside={props.beside} steering={props.steering} />
      )}
    </section>
  );
}

function Log({ view, beside, moment, selection, steering }: EventsProps) {
  const lines = useMemo(() => wordsOf(view.log), [view.log]);
  const own = useMemo(() => new Set(ownLines(view).map((line) => line.seq)), [view]);
  const pending = beside?.pending.filter((c) => c.status === "pending") ?? [];
  const isOn = ({ edge, node }: LogLine) =>
    selection.shown !== null && selection.shown === (edge ?? String(node));
  const isLeft = (line: LogLine) => !own.has(line.seq) && line.command !== "rollback";
  return (
    <>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard */}
      <ol className="log" tabIndex={0} aria-label="Events, newest first">
        {pending.map((command) => (
          <li key={`c${command.id}`}>
            <EventIcon kind="waiting" />
            <time dateTime={command.created_at}>{timeOfDay(command.created_at)}</time>
            <span>
              <b>{command.by}</b> {asked(command)}{" "}
              <span className="sub">waits for the end of the round {quoted(command.reason)}</span>{" "}
              <Withdraw command={command} place={listed(command.id)} steering={steering} />
              <Refused place={listed(command.id)} steering={steering} />
            </span>
          </li>
        ))}
        {lines.map(({ line, words, step }) => (
          <li
            key={line.seq}
            className={`${isOn(line) ? "on" : ""}${step > moment.step || isLeft(line) ? " later" : ""}`}
          >
            <EventIcon kind={words.icon} />
            <time dateTime={line.at}>{timeOfDay(line.at)}</time>
            <span>
              {words.who && <b>{words.who} </b>}
              {words.what} <span className="sub">{words.why}</span>
              {isLeft(line) && <span className="sub"> (in a branch that was left)</span>}
            </span>
          </li>
        ))}
      </ol>
    </>
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
