// Who is looking, and for which team.
import { useQuery } from "@tanstack/react-query";
import { api, unwrap } from "./client";

export function useCurrentUser() {
  return useQuery({ queryKey: ["me"], queryFn: () => unwrap(api.GET("/api/me")), staleTime: 60_000 });
}

export interface ReadOnlyProps {
  readonly disabled: true;
  readonly title: string;
}
const READ_ONLY: ReadOnlyProps = { disabled: true, title: "You may watch here, not change anything." };

/** For a button that changes something, spread over its own: null for those who may press it. */
export function useReadOnly(): ReadOnlyProps | null {
  return useCurrentUser().data?.may_change === false ? READ_ONLY : null;
}
