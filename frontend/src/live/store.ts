// The live state of one search: view, telemetry, and connection. Only the reducer changes the view.
import { createStore } from "zustand/vanilla";
import type { View } from "./events";
import type { ServerMessage, Telemetry } from "./messages";
import { apply, emptyView } from "./reducer";
import type { LinkState, Verdict } from "./socket";

export interface LiveState {
  view: View;
  telemetry: Telemetry | null;
  link: LinkState;
  /** in ms */
  lastMessageAt: number | null;
}

export type LiveStore = ReturnType<typeof createLiveStore>;

export function createLiveStore() {
  return createStore<LiveState>()(() => ({
    view: emptyView(),
    telemetry: null,
    link: "connecting",
    lastMessageAt: null,
  }));
}

/** Applies a batch to the store as one change. A gap in the sequence numbers means that a message was lost. */
export function receive(
  store: LiveStore,
  messages: readonly ServerMessage[],
  now: number,
): Verdict | undefined {
  let { view, telemetry } = store.getState();
  let verdict: Verdict | undefined;
  for (const message of messages) {
    if (message.type === "telemetry") telemetry = message;
    else if (message.type === "view") {
      if (message.seq >= view.seq) view = message.view;
    } else if (message.from_seq > view.seq + 1) {
      verdict = "again";
      break;
    } else view = message.events.reduce(apply, view);
  }
  store.setState({ view, telemetry, lastMessageAt: now });
  return verdict;
}
