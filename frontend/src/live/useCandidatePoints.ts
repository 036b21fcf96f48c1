// The measured candidates of a search for its charts: read once, the newest first, then only what is new.
import { keepPreviousData, type QueryClient, type QueryKey, useQuery } from "@tanstack/react-query";
import { useEffect, useRef } from "react";
import { api, unwrap } from "../api/client";
import type { CandidatePage } from "../api/types";
import { MOST_POINTS, NO_POINTS, POINT_FIELDS, type PointSet, withPages } from "./candidatePoints";

const LIMIT = 1_000; // rows that the server sends at once
const MANY = 1_000;
const PAUSE_MS = 3_000; // between two readings, once there are many: each draws all of them again

export type ReadingState = "reading" | "read" | "failed";

/** `newest`: the greatest `seq` of the table, from telemetry; `until`: the event that is shown, null for the newest. */
export function useCandidatePoints(
  search: string,
  newest: number,
  until: number | null,
): [PointSet, ReadingState] {
  const {
    data: all = NO_POINTS,
    dataUpdatedAt,
    isFetching,
    isError,
    refetch,
  } = useQuery({
    queryKey: ["candidate-points", search],
    queryFn: ({ client, queryKey, signal }) => {
      const known = client.getQueryData<PointSet>(queryKey) ?? NO_POINTS;
      const filter = known.seq > 0 ? { after_seq: known.seq } : {};
      return read(search, filter, known, { client, queryKey, signal });
    },
    enabled: newest > 0,
    staleTime: Number.POSITIVE_INFINITY,
    gcTime: 0,
    structuralSharing: false, // it compares all points
  });
  const asked = useRef(0);
  useEffect(() => {
    // A reading that failed is repeated when there is more to read.
    if (isFetching || newest <= Math.max(all.seq, asked.current)) return;
    const wait = all.points.length > MANY ? Math.max(0, dataUpdatedAt + PAUSE_MS - Date.now()) : 0;
    const timer = setTimeout(() => {
      asked.current = newest;
      void refetch();
    }, wait);
    return () => clearTimeout(timer);
  }, [newest, all, dataUpdatedAt, isFetching, refetch]);
  const then = useQuery({
    queryKey: ["candidate-points", search, "until", until],
    queryFn: ({ client, queryKey, signal }) =>
      read(search, { until_seq: until ?? 0 }, NO_POINTS, { client, queryKey, signal }),
    enabled: until !== null && !all.whole,
    placeholderData: keepPreviousData,
    staleTime: Number.POSITIVE_INFINITY,
    gcTime: 0, // each may be large
    structuralSharing: false,
  });
  const isAll = until === null || all.whole;
  const failed = isAll ? isError : then.isError;
  const behind = isAll ? newest > all.seq : then.isPending;
  return [isAll ? all : (then.data ?? NO_POINTS), failed ? "failed" : behind ? "reading" : "read"];
}

interface Reading {
  readonly client: QueryClient;
  readonly queryKey: QueryKey;
  readonly signal: AbortSignal;
}

/** Adds all pages to what is known, the newest first; each is shown as soon as it is there. */
async function read(
  search: string,
  filter: { after_seq?: number; until_seq?: number },
  known: PointSet,
  { client, queryKey, signal }: Reading,
): Promise<PointSet> {
  const pages: CandidatePage[] = [];
  for (let offset = 0; ; offset += LIMIT) {
    const query = {
      ...filter,
      status: "ok" as const,
      sort: "-step" as const,
      limit: LIMIT,
      offset,
      fields: POINT_FIELDS.join(),
    };
    const asked = api.GET("/api/searches/{id}/candidates", {
      params: { path: { id: search }, query },
      signal,
    });
    const page = await unwrap(asked);
    pages.push(page);
    const points = withPages(known, pages);
    if (offset + LIMIT >= Math.min(page.count, MOST_POINTS)) return points;
    client.setQueryData(queryKey, points);
  }
}
