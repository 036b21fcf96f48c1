// The rows of the catalog's chart: the most accurate ones that its filters leave, wherever they are in the list.
import { useQuery } from "@tanstack/react-query";
import { type ListQuery, listOf } from "../../api/entries";

const MAX_ON_CHART = 200; // with more points the chart is unreadable

/** The best rows for images and for text; the chart shows the kind that has more. */
export function useCharted(filters: ListQuery) {
  const about = { ...filters, page_size: MAX_ON_CHART };
  const images = useQuery(listOf("architectures", { ...about, sort: "-accuracy" }));
  const texts = useQuery(listOf("architectures", { ...about, sort: "perplexity" }));
  return [...(images.data?.results ?? []), ...(texts.data?.results ?? [])];
}
