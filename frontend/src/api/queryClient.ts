// The cache of what the server said. When the session ends, readings wait until the user has signed in again: pages stay as
// they are, and do not ask again and again.
import { notifyManager, onlineManager, QueryClient } from "@tanstack/react-query";
import { ApiError, isSignedOut } from "./client";
import { useSession } from "./session";

export function createQueryClient(): QueryClient {
  return new QueryClient({
    defaultOptions: {
      queries: {
        staleTime: 5_000,
        // Retrying helps with lost connections and, after the next sign-in, with an ended session.
        retry: (count, error) =>
          isSignedOut(error) || (count < 2 && !(error instanceof ApiError && error.status < 500)),
      },
      mutations: { networkMode: "always" }, // what people do is done at once or refused
    },
  });
}

// Before the next event: a button that has sent something must be disabled when a second press comes.
notifyManager.setScheduler(queueMicrotask);

onlineManager.setEventListener((setOnline) => {
  let connected = true;
  const update = () => setOnline(connected && !useSession.getState().ended);
  const change = ({ type }: Event) => {
    connected = type === "online";
    update();
  };
  const forget = useSession.subscribe(update);
  for (const type of ["online", "offline"]) window.addEventListener(type, change);
  return () => {
    forget();
    for (const type of ["online", "offline"]) window.removeEventListener(type, change);
  };
});
