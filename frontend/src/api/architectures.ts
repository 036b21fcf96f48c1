// One architecture with everything that is known of it, its measured latencies, and its scores.
import { keepPreviousData, queryOptions } from "@tanstack/react-query";
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

export function scoresOf(id: string) {
  return queryOptions({
    queryKey: ["scores", id],
    queryFn: () => unwrap(api.GET("/api/architectures/{id}/scores", { params: { path: { id } } })),
  });
}

/** How well each proxy ranks what was trained on the dataset; null: the one with the most scores. */
export function scoreTableOf(dataset: string | null) {
  return queryOptions({
    queryKey: ["architectures", "scores", dataset],
    queryFn: () =>
      unwrap(
        api.GET("/api/architectures/scores", { params: { query: dataset === null ? {} : { dataset } } }),
      ),
    placeholderData: keepPreviousData,
  });
}
