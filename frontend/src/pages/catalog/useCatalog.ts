// The catalog's rows: one page of them as the address asks, and the most accurate ones for the chart.
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { api, unwrap } from "../../api/client";
import type { Address } from "./address";

export function usePage({ search, ordering, page }: Address) {
  const query = { page, ordering, ...(search && { search }) };
  return useQuery({
    queryKey: ["architectures", query],
    queryFn: ({ signal }) => unwrap(api.GET("/api/architectures", { params: { query }, signal })),
    placeholderData: keepPreviousData, // the last good picture stays while the next is on its way
  });
}

export function useBest(search: string) {
  return usePage({ search, ordering: "-val_accuracy", page: 1, cost: "macs" });
}
