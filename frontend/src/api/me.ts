// Who is looking, and for which team.
import { useQuery } from "@tanstack/react-query";
import { api, unwrap } from "./client";

export function useMe() {
  return useQuery({ queryKey: ["me"], queryFn: () => unwrap(api.GET("/api/me")), staleTime: 60_000 });
}

export interface Watching {
  readonly disabled: true;
  readonly title: string;
}
const WATCHING: Watching = { disabled: true, title: "You may watch here, not change anything." };

/** For a button that changes something, spread over its own: null for those who may press it. */
export function useWatching(): Watching | null {
  return useMe().data?.may_change === false ? WATCHING : null;
}
