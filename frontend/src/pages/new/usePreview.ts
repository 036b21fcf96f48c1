// The costs of the largest and the smallest graph while the user types: debounced, with older requests cancelled. Answers are
// cached by request, so a late answer never replaces a newer one.
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { api, unwrap } from "../../api/client";
import type { Preview, SearchRequest } from "../../api/types";
import { useDebounced } from "../../ui/useDebounced";

const PAUSE_MS = 250; // longer than between two keystrokes of one number

const PROBE_MS = 1_000; // the user waits for a measurement

function isProbed(preview: Preview | undefined): boolean {
  const probe = preview?.estimate.probe;
  return probe === "queued" || probe === "running";
}

export interface Answer {
  readonly preview: Preview | undefined;
  /** the answer shown is for an older request */
  readonly behind: boolean;
  readonly error: Error | null;
  readonly retry: () => void;
}

export function usePreview(question: SearchRequest | null): Answer {
  const settled = useDebounced(question, PAUSE_MS);
  const query = useQuery({
    queryKey: ["preview", settled],
    queryFn: ({ signal }) =>
      unwrap(api.POST("/api/searches/preview", { body: settled as SearchRequest, signal })),
    enabled: settled !== null,
    placeholderData: keepPreviousData,
    staleTime: 10_000, // costs never change, but estimates and searches that are the same do
    refetchInterval: ({ state }) => (isProbed(state.data) ? PROBE_MS : false),
  });
  return {
    preview: query.data,
    behind:
      query.isPlaceholderData || query.isPending || JSON.stringify(settled) !== JSON.stringify(question),
    error: query.error,
    retry: () => void query.refetch(),
  };
}
