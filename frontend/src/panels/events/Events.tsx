// Who did what, when and why, newest first, what still waits on top; or the commands alone, each with what became of it.
import "./events.css";
import { useMemo, useState } from "react";
import { timeOfDay } from "../../format/units";
import type { LogLine, View } from "../../live/events";
import type { Beside } from "../../live/messages";
import type { Moment } from "../../search-view/moment";
import { ownLines } from "../../search-view/replay";
import { asked, quoted, wordsOf } from "../../search-view/said";
import { EventIcon } from "../../ui/EventIcon";
import type { Selection } from "../selection/useLook";
import { Refused, Withdraw } from "../steering/Asked";
import { listed, type Steering } from "../steering/useSteering";
import { Commands } from "./Commands";

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
