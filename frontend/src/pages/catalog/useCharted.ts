// The rows of the catalog's chart: the best ones that its filters leave, wherever they are in the list.
import { useQuery } from "@tanstack/react-query";
import { allDatasets } from "../../api/datasets";
import { type ListQuery, listOf } from "../../api/entries";
import type { Facets } from "../../api/types";
import { bestFirst } from "./comparableRows";

const MAX_ON_CHART = 200; // with more points the chart is unreadable

export function useCharted(filters: ListQuery, facets: Facets | undefined) {
  const datasets = useQuery(allDatasets);
  const sort = facets && datasets.data && bestFirst(filters, facets, datasets.data);
  const best = useQuery({
    ...listOf("architectures", { ...filters, page_size: MAX_ON_CHART, sort: sort ?? "" }),
    enabled: sort !== undefined,
  });
  return best.data?.results ?? [];
}
