// Follows one search while a page shows it.
import { useEffect, useMemo } from "react";
import { sessionEnded, useSession } from "../api/session";
import type { ServerMessage } from "./messages";
import { openLink } from "./socket";
import { createLiveStore, type LiveStore, receive } from "./store";

export function useLive(id: string): LiveStore {
  // A store belongs to one search: another id starts with an empty one.
  // biome-ignore lint/correctness/useExhaustiveDependencies: a new id needs a new store
  const store = useMemo(createLiveStore, [id]);
  const ended = useSession((session) => session.ended);
  useEffect(
    () =>
      ended
        ? undefined
        : // until somebody has signed in again
          openLink<ServerMessage>({
            url: () => socketUrl(`/ws/searches/${id}?since=${store.getState().view.seq}`),
            batch: (messages) => receive(store, messages, Date.now()),
            state: (link) => store.setState({ link }),
            signedOut: sessionEnded,
          }),
    [id, store, ended],
  );
  return store;
}

export function socketUrl(path: string): string {
  return `${location.protocol === "https:" ? "wss" : "ws"}://${location.host}${path}`;
}
