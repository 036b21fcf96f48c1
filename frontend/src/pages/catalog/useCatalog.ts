// Queries of the catalog: one page of rows, and the most accurate ones for the chart.
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { api, unwrap } from "../../api/client";
import type { paths } from "../../api/schema";
import type { Address } from "./address";

type Query = NonNullable<paths["/api/architectures"]["get"]["parameters"]["query"]>;

const MAX_ON_CHART = 200; // with more points the chart is unreadable

export function useCatalogPage({ search, ordering, page }: Pick<Address, "search" | "ordering" | "page">) {
  return useArchitectures({ page, ordering, ...(search && { search }) });
}

/** The best rows for images and for text; the chart shows the kind that has more. */
export function useMostAccurate(search: string) {
  const about = { page_size: MAX_ON_CHART, ...(search && { search }) };
  const images = useArchitectures({ ordering: "-val_accuracy", ...about });
  const texts = useArchitectures({ ordering: "val_perplexity", ...about });
  return [...(images.data?.results ?? []), ...(texts.data?.results ?? [])];
}

function useArchitectures(query: Query) {
  return useQuery({
    queryKey: ["architectures", query],
    queryFn: ({ signal }) => unwrap(api.GET("/api/architectures", { params: { query }, signal })),
    placeholderData: keepPreviousData, // keep the previous rows while the next load
  });
}
