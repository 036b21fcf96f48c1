// The catalog's rows: one page of them as the address asks, and the most accurate ones for the chart.
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { api, unwrap } from "../../api/client";
import type { paths } from "../../api/schema";
import type { Address } from "./address";

type Query = NonNullable<paths["/api/architectures"]["get"]["parameters"]["query"]>;

const MAX_ON_CHART = 200; // more points than that are a cloud

export function useCatalogPage({ search, ordering, page }: Pick<Address, "search" | "ordering" | "page">) {
  return useArchitectures({ page, ordering, ...(search && { search }) });
}

/** The best of images and of texts: which of the two is charted shows in what there is most of. */
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
    placeholderData: keepPreviousData, // the last good picture stays while the next is on its way
  });
}
