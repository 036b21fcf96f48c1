// Who is looking, and for which team.
import { useQuery } from "@tanstack/react-query";
import { api, unwrap } from "./client";

export function useMe() {
  return useQuery({ queryKey: ["me"], queryFn: () => unwrap(api.GET("/api/me")), staleTime: 60_000 });
}
