// What the dense and the smallest graph cost, asked while a person types: once they pause, with the older question
// cancelled. An answer belongs to its question, so a late one never stands where a newer one does.
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { api, unwrap } from "../../api/client";
import type { Preview, SearchDraft } from "../../api/types";
import { useDebounced } from "../../ui/useDebounced";

const PAUSE_MS = 250; // between two keystrokes of one number most people take less

export interface Answer {
  readonly preview: Preview | undefined;
  /** the answer shown is to an older question */
  readonly behind: boolean;
  readonly error: Error | null;
  readonly retry: () => void;
}

export function usePreview(question: SearchDraft | null): Answer {
  const settled = useDebounced(question, PAUSE_MS);
  const query = useQuery({
    queryKey: ["preview", settled],
    queryFn: ({ signal }) =>
      unwrap(api.POST("/api/searches/preview", { body: settled as SearchDraft, signal })),
    enabled: settled !== null,
    placeholderData: keepPreviousData,
    staleTime: Number.POSITIVE_INFINITY, // the same question has the same answer
  });
  return {
    preview: query.data,
    behind:
      query.isPlaceholderData || query.isFetching || JSON.stringify(settled) !== JSON.stringify(question),
    error: query.error,
    retry: () => void query.refetch(),
  };
}
