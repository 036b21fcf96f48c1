// Queries of the catalog: one page of rows, and the most accurate ones for the chart.
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { api, unwrap } from "../../api/client";
import type { paths } from "../../api/schema";
import type { Address } from "./address";

type Query = NonNullable<paths["/api/architectures"]["get"]["parameters"]["query"]>;

const MAX_ON_CHART = 200; // with more points the chart is unreadable

export function useCatalogPage({ text, sort, page }: Pick<Address, "text" | "sort" | "page">) {
  return useArchitectures({ page, sort, ...(text && { text }) });
}

/** The best rows for images and for text; the chart shows the kind that has more. */
export function useMostAccurate(text: string) {
  const about = { page_size: MAX_ON_CHART, ...(text && { text }) };
  const images = useArchitectures({ sort: "-accuracy", ...about });
  const texts = useArchitectures({ sort: "perplexity", ...about });
  return [...(images.data?.results ?? []), ...(texts.data?.results ?? [])];
}

function useArchitectures(query: Query) {
  return useQuery({
    queryKey: ["architectures", query],
    queryFn: ({ signal }) => unwrap(api.GET("/api/architectures", { params: { query }, signal })),
    placeholderData: keepPreviousData, // keep the previous rows while the next load
  });
}
