// The view after an earlier event: from the present segment at once, else from a page of the log, which never changes.
import { useQuery } from "@tanstack/react-query";
import type { History } from "./history";
import { fetchSegment } from "./pages";
import { covers, pageEnd } from "./past";
import { type Segment, viewAt } from "./segment";
import type { View } from "./view";

export interface Past {
  view: View | null;
  error: Error | null;
  again: () => void;
}

/** `seq` null: nothing is asked for. */
export function usePast(search: string, segment: Segment, history: History, seq: number | null): Past {
  const own = seq === null ? null : viewAt(segment, seq);
  const outside = seq !== null && own === null ? seq : null;
  const until = outside === null ? null : pageEnd(history, outside, segment[0]?.seq ?? outside + 1);
  const page = useSegment(search, until);
  // A snapshot stands between the two.
  const short = outside !== null && page.data !== undefined && !covers(page.data, outside);
  const exact = useSegment(search, short ? outside : null);
  const found = short ? exact : page;
  return {
    view: own ?? (outside !== null && found.data ? viewAt(found.data, outside) : null),
    error: found.error,
    again: () => void found.refetch(),
  };
}

function useSegment(search: string, seq: number | null) {
  return useQuery({
    queryKey: ["search-segment", search, seq],
    queryFn: () => fetchSegment(search, seq ?? 0),
    enabled: seq !== null,
    staleTime: Number.POSITIVE_INFINITY,
  });
}
