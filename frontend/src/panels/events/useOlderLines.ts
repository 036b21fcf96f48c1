// The lines of the list of events: those of the view, and on demand older ones.
import { useInfiniteQuery } from "@tanstack/react-query";
import { useMemo, useRef, useState } from "react";
import { LOGGED, logLine } from "../../live/log";
import { fetchEarlier } from "../../live/pages";
import type { LogLine } from "../../live/view";

const PAGE = 100;

export function useOlderLines(search: string, log: readonly LogLine[]) {
  const [from, setFrom] = useState<number | null>(null);
  const newer = useKeptLines(log, from !== null);
  const query = useInfiniteQuery({
    queryKey: ["older-events", search, from],
    queryFn: ({ pageParam }) => fetchEarlier(search, pageParam, LOGGED, PAGE),
    initialPageParam: from ?? 0,
    getNextPageParam: (page) => (page.length < PAGE ? null : page[0]?.seq),
    enabled: from !== null,
    staleTime: Number.POSITIVE_INFINITY,
  });
  const { data } = query;
  const older = useMemo(
    () =>
      (data?.pages ?? []).toReversed().flatMap((page) => page.flatMap((event) => logLine(event, null) ?? [])),
    [data],
  );
  const lines = useMemo(() => [...older, ...newer], [older, newer]);
  const oldest = log[0]?.seq ?? 1;
  return {
    lines,
    more: from === null ? oldest > 1 : query.hasNextPage || query.isPending,
    loading: query.isFetching,
    error: query.error,
    load: () => {
      if (from === null) setFrom(oldest);
      else void (query.isError ? query.refetch() : query.fetchNextPage());
    },
  };
}

/** All lines since older ones were asked for: the view drops its oldest as new ones come. */
function useKeptLines(log: readonly LogLine[], keeps: boolean): readonly LogLine[] {
  const kept = useRef<readonly LogLine[]>(log);
  if (!keeps) kept.current = log;
  else {
    const last = kept.current.at(-1)?.seq ?? 0;
    const fresh = log.filter(({ seq }) => seq > last);
    if (fresh.length > 0) kept.current = [...kept.current, ...fresh];
  }
  return kept.current;
}
