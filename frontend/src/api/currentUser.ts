// The signed-in user, their team, and whether they may change anything.
import { useQuery } from "@tanstack/react-query";
import { api, unwrap } from "./client";

export function useCurrentUser() {
  return useQuery({ queryKey: ["me"], queryFn: () => unwrap(api.GET("/api/me")), staleTime: 60_000 });
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
