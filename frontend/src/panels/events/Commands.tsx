// Every command that anybody gave: who, when, why, and what became of it. What waits can be taken back.
import { useQuery } from "@tanstack/react-query";
import { useEffect } from "react";
import { api, unwrap } from "../../api/client";
import type { Command } from "../../api/types";
import { timeOfDay } from "../../format/units";
import type { View } from "../../live/events";
import type { Beside } from "../../live/messages";
import { asked, done, iconOf, quoted, STATUS_OF_COMMAND } from "../../search-view/said";
import { EventIcon } from "../../ui/EventIcon";
import { sentence } from "../../ui/Notice";
import { Refused, Withdraw } from "../steering/Asked";
import { listed, type Steering } from "../steering/useSteering";

interface CommandsProps {
  search: string;
  view: View;
  beside: Beside | null;
  steering: Steering;
}

export function Commands({ search, view, beside, steering }: CommandsProps) {
  const { data, error, refetch } = useQuery({
    queryKey: ["commands", search],
    queryFn: () => unwrap(api.GET("/api/searches/{id}/commands", { params: { path: { id: search } } })),
  });
  // What others ask for, and what becomes of it, shows in what waits, in how the search stands and in the log.
  const decided = view.log.findLast(({ command }) => command !== null)?.seq;
  const news = `${beside?.status} ${beside?.pending.map((c) => c.id).join()} ${view.branch} ${decided}`;
  // biome-ignore lint/correctness/useExhaustiveDependencies: the news are the reason to read again
  useEffect(() => void refetch(), [news, refetch]);
  if (error) return <p className="sub">The commands could not be read. {sentence(error)}</p>;
  if (data?.length === 0) return <p className="sub">Nobody has steered this search yet.</p>;
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard
    <ol className="log" tabIndex={0} aria-label="Commands, newest first">
      {data?.toReversed().map((command) => (
        <Row key={command.id} command={command} steering={steering} />
      ))}
    </ol>
  );
}

function Row({ command, steering }: { command: Command; steering: Steering }) {
  const { status } = command;
  const applied = status === "applied";
  const icon = applied ? iconOf(command.kind) : status === "pending" ? "waiting" : "refused";
  return (
    <li data-status={status}>
      <EventIcon kind={icon} />
      <time dateTime={command.created_at}>{timeOfDay(command.created_at)}</time>
      <span>
        <b>{command.by}</b> {applied ? done(command) : asked(command)}{" "}
        <span className="sub">
          {quoted(command.reason)} <b>{STATUS_OF_COMMAND[status]}</b>
          {command.why && `: ${command.why}`}
        </span>
        {status === "pending" && (
          <>
            {" "}
            <Withdraw command={command} place={listed(command.id)} steering={steering} />
          </>
        )}
        <Refused place={listed(command.id)} steering={steering} />
      </span>
    </li>
  );
}
