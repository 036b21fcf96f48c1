// The signed-in user, their team, and whether they may change anything.
import { useQuery } from "@tanstack/react-query";
import { api, isConnectionLost, unwrap } from "./client";
import { useSession } from "./session";

const POLL_MS = 3_000; // until the user has signed in again, in another tab

export function useCurrentUser() {
  const ended = useSession((session) => session.ended);
  return useQuery({
    queryKey: ["me"],
    queryFn: () => unwrap(api.GET("/api/me")),
    staleTime: ended ? 0 : 60_000,
    networkMode: "always", // its answer says that the session goes on
    retry: (count, error) => count < 2 && isConnectionLost(error), // not a session that has ended
    refetchInterval: ended && POLL_MS,
  });
}

export interface ReadOnlyProps {
  readonly disabled: true;
  readonly title: string;
}
export const VIEW_ONLY = "You have view-only access.";
const READ_ONLY: ReadOnlyProps = { disabled: true, title: VIEW_ONLY };

/** Props that disable a button for read-only users; null for users who may change things. */
export function useReadOnly(): ReadOnlyProps | null {
  return useCurrentUser().data?.may_change === false ? READ_ONLY : null;
}
