// What the server says of the engine: methods, recipes, export formats, and the limits that it checks requests against.
import { useQuery } from "@tanstack/react-query";
import { api, unwrap } from "./client";
import type { Engine } from "./types";

export type Limits = Engine["limits"];

export function useEngine() {
  return useQuery({
    queryKey: ["engine"],
    queryFn: () => unwrap(api.GET("/api/engine")),
    staleTime: Number.POSITIVE_INFINITY, // changes only with a new version of the server
  });
}

/** Undefined until they are loaded; the server checks every request all the same. */
export function useLimits(): Limits | undefined {
  return useEngine().data?.limits;
}
