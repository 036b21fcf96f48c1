// One architecture with everything that is known of it, and its measured latencies.
import { queryOptions } from "@tanstack/react-query";
import { api, unwrap } from "./client";

export function architectureOf(id: string) {
  return queryOptions({
    queryKey: ["architecture", id],
    queryFn: () => unwrap(api.GET("/api/architectures/{id}", { params: { path: { id } } })),
  });
}

export function measurementsOf(id: string) {
  return queryOptions({
    queryKey: ["measurements", id],
    queryFn: () => unwrap(api.GET("/api/architectures/{id}/measurements", { params: { path: { id } } })),
  });
}
