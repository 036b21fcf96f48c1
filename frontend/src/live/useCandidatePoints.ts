// The measured candidates of a search for its charts: read once, then only what is new.
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { useRef } from "react";
import { api, unwrap } from "../api/client";
import { NO_POINTS, POINT_FIELDS, type PointSet, withPage } from "./candidatePoints";

const LIMIT = 1_000; // rows that the server sends at once

/** `newest`: the greatest `seq` of the table, from telemetry; `until`: the event that is shown, null for the newest. */
export function useCandidatePoints(search: string, newest: number, until: number | null): PointSet {
  const known = useRef(NO_POINTS);
  const { data: all = NO_POINTS } = useQuery({
    queryKey: ["candidate-points", search, newest],
    queryFn: async () => {
      const after = known.current.seq;
      known.current = withPage(
        known.current,
        await fetchPoints(search, after > 0 ? { after_seq: after } : {}),
      );
      return known.current;
    },
    enabled: newest > 0,
    placeholderData: keepPreviousData,
    staleTime: Number.POSITIVE_INFINITY,
    gcTime: 0, // each answer holds those before it
  });
  const then = useQuery({
    queryKey: ["candidate-points", search, "until", until],
    queryFn: async () => withPage(NO_POINTS, await fetchPoints(search, { until_seq: until ?? 0 })),
    enabled: until !== null && !all.whole,
    placeholderData: keepPreviousData,
    staleTime: Number.POSITIVE_INFINITY,
  });
  return until === null || all.whole ? all : (then.data ?? NO_POINTS);
}

function fetchPoints(id: string, filter: { after_seq?: number; until_seq?: number }) {
  const query = {
    ...filter,
    status: "ok" as const,
    sort: "-step" as const,
    limit: LIMIT,
    fields: POINT_FIELDS.join(),
  };
  return unwrap(api.GET("/api/searches/{id}/candidates", { params: { path: { id }, query } }));
}
