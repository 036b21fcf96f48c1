// Reads the part of a search's history that its socket skipped.
import { useQuery } from "@tanstack/react-query";
import { useEffect } from "react";
import { fetchHistory } from "./pages";
import { fillGap, type Gap, type LiveStore } from "./store";

export function useHistory(search: string, store: LiveStore, gap: Gap | null) {
  const { data, error, refetch } = useQuery({
    queryKey: ["search-history", search, gap?.since, gap?.before],
    queryFn: () => fetchHistory(search, gap?.since, gap?.before),
    enabled: gap !== null,
    staleTime: Number.POSITIVE_INFINITY,
  });
  useEffect(() => {
    if (gap && data) fillGap(store, gap, data);
  }, [store, gap, data]);
  return { loading: gap !== null, error: gap && error, again: () => void refetch() };
}
