// The events panel: the log, newest first with pending commands on top, or the list of commands with their outcomes.

import clsx from "clsx";
import { useMemo, useState } from "react";
import { formatTime } from "../../format/dates";
import { isLineOf, type Line } from "../../live/line";
import type { Telemetry } from "../../live/messages";
import type { LogLine, View } from "../../live/view";
import { countFinalists } from "../../search-view/answer";
import { describeRequest, quoteReason } from "../../search-view/commandText";
import { describeLog } from "../../search-view/eventText";
import type { Moment } from "../../search-view/moment";
import { EventIcon } from "../../ui/EventIcon";
import { errorMessage } from "../../ui/Notice";
import type { Selection } from "../selection/useViewState";
import { RefusedCommand, WithdrawButton } from "../steering/CommandStatus";
import { commandOrigin, type Steering } from "../steering/useSteering";
import { CommandList } from "./CommandList";
import styles from "./events.module.css";
import { useOlderLines } from "./useOlderLines";

interface EventsPanelProps {
  search: string;
  steering: Steering;
  /** of the newest moment, whose lines are listed */
  view: View;
  /** the history of the branch that is shown, and the last event of what is shown of it */
  line: Line;
  seq: number;
  telemetry: Telemetry | null;
  moment: Moment;
  selection: Selection;
}

const LISTS = ["Events", "Commands"] as const;

export function EventsPanel(props: EventsPanelProps) {
  const [list, setList] = useState<(typeof LISTS)[number]>("Events");
  const waiting = props.telemetry?.pending.filter((c) => c.status === "pending").length ?? 0;
  return (
    <section className="plate" aria-label={list}>
      <header>
        <h2>{list}</h2>
        <span className="sub">{waiting > 0 ? `${waiting} pending` : "newest first"}</span>
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
        <CommandList
          search={props.search}
          view={props.view}
          telemetry={props.telemetry}
          steering={props.steering}
        />
      )}
    </section>
  );
}

function Log({ search, view, line: shown, seq, telemetry, moment, selection, steering }: EventsPanelProps) {
  const older = useOlderLines(search, view.log);
  const lines = useMemo(() => describeLog(view, older.lines), [view, older.lines]);
  const pending = telemetry?.pending.filter((c) => c.status === "pending") ?? [];
  const isOn = ({ edge, node }: LogLine) =>
    selection.focused !== null && selection.focused === (edge ?? String(node));
  const isLeft = (line: LogLine) => !isLineOf(shown, line) && line.command !== "rollback";
  return (
    <>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: scrollable areas must be focusable */}
      <ol className={styles.log} tabIndex={0} aria-label="Events, newest first">
        {pending.map((command) => (
          <li key={`c${command.id}`}>
            <EventIcon kind="waiting" />
            <time dateTime={command.created_at}>{formatTime(command.created_at)}</time>
            <span>
              <b>{command.by}</b> {describeRequest(command)}{" "}
              <span className="sub">applies when this step ends {quoteReason(command.reason)}</span>{" "}
              <WithdrawButton command={command} origin={commandOrigin(command.id)} steering={steering} />
              <RefusedCommand origin={commandOrigin(command.id)} steering={steering} />
            </span>
          </li>
        ))}
        {moment.answering && (
          <li>
            <EventIcon kind="waiting" />
            <span />
            <span>Training {countFinalists(moment)}</span>
          </li>
        )}
        {lines.map(({ line, words }) => (
          <li
            key={line.seq}
            className={clsx(isOn(line) && styles.on, (line.seq > seq || isLeft(line)) && styles.later)}
          >
            <EventIcon kind={words.icon} />
            <time dateTime={line.at}>{formatTime(line.at)}</time>
            <span>
              {words.actor && <b>{words.actor} </b>}
              {words.text} <span className="sub">{words.detail}</span>
              {isLeft(line) && <span className="sub"> (on branch {line.branch})</span>}
            </span>
          </li>
        ))}
        {older.more && (
          <li>
            <span />
            <span />
            <span>
              <button type="button" className="btn small" disabled={older.loading} onClick={older.load}>
                Show older events
              </button>
              {older.error && (
                <span className="sub"> They could not be loaded. {errorMessage(older.error)}</span>
              )}
            </span>
          </li>
        )}
      </ol>
    </>
  );
}
