// The list of all commands: who, when, why, and the outcome. Pending requests can be undone.

import { useQuery } from "@tanstack/react-query";
import { useEffect } from "react";
import { api, unwrap } from "../../api/client";
import type { Command } from "../../api/types";
import { formatTime } from "../../format/dates";
import type { Telemetry } from "../../live/messages";
import type { View } from "../../live/view";
import {
  COMMAND_STATUS_TEXT,
  commandIcon,
  describeApplied,
  describeRequest,
  quoteReason,
} from "../../search-view/commandText";
import { EventIcon } from "../../ui/EventIcon";
import { errorMessage } from "../../ui/Notice";
import { RefusedCommand, WithdrawButton } from "../steering/CommandStatus";
import { commandOrigin, type Steering } from "../steering/useSteering";
import styles from "./events.module.css";

interface CommandListProps {
  search: string;
  view: View;
  telemetry: Telemetry | null;
  steering: Steering;
}

export function CommandList({ search, view, telemetry, steering }: CommandListProps) {
  const { data, error, refetch } = useQuery({
    queryKey: ["commands", search],
    queryFn: () => unwrap(api.GET("/api/searches/{id}/commands", { params: { path: { id: search } } })),
  });
  // Reload when pending commands, the status or the log change, since colleagues send commands too.
  const decided = view.log.findLast(({ command }) => command !== null)?.seq;
  const news = `${telemetry?.status} ${telemetry?.pending.map((c) => c.id).join()} ${view.branch} ${decided}`;
  // biome-ignore lint/correctness/useExhaustiveDependencies: the key changes when the list must be reloaded
  useEffect(() => void refetch(), [news, refetch]);
  if (error) return <p className="sub">The commands could not be loaded. {errorMessage(error)}</p>;
  if (data?.length === 0) return <p className="sub">No commands yet.</p>;
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: scrollable areas must be focusable
    <ol className={styles.log} tabIndex={0} aria-label="Commands, newest first">
      {data?.toReversed().map((command) => (
        <Row key={command.id} command={command} steering={steering} />
      ))}
    </ol>
  );
}

function Row({ command, steering }: { command: Command; steering: Steering }) {
  const { status } = command;
  const applied = status === "applied";
  const icon = applied ? commandIcon(command.kind) : status === "pending" ? "waiting" : "refused";
  return (
    <li data-status={status}>
      <EventIcon kind={icon} />
      <time dateTime={command.created_at}>{formatTime(command.created_at)}</time>
      <span>
        <b>{command.by}</b> {applied ? describeApplied(command) : describeRequest(command)}{" "}
        <span className="sub">
          {quoteReason(command.reason)} <b>{COMMAND_STATUS_TEXT[status]}</b>
          {command.why && `: ${command.why}`}
        </span>
        {status === "pending" && (
          <>
            {" "}
            <WithdrawButton command={command} origin={commandOrigin(command.id)} steering={steering} />
          </>
        )}
        <RefusedCommand origin={commandOrigin(command.id)} steering={steering} />
      </span>
    </li>
  );
}
