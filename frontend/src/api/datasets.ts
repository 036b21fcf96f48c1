// The team's datasets and the built-in ones.
import { queryOptions, useQuery } from "@tanstack/react-query";
import { api, unwrap } from "./client";
import { presenceMs } from "./entries";
import type { Dataset } from "./types";

/** All of them: pages name archived ones too, as searches go on using them. */
export const allDatasets = queryOptions({
  queryKey: ["datasets"],
  queryFn: async () => {
    const rows: Dataset[] = [];
    for (let page = 1; ; page++) {
      const query = { archived: "all", page, page_size: 200 } as const;
      const answer = await unwrap(api.GET("/api/datasets", { params: { query } }));
      rows.push(...answer.results);
      if (!answer.next) return rows;
    }
  },
});

export function useDataset(name: string) {
  return useQuery({
    queryKey: ["dataset", name],
    queryFn: () => unwrap(api.GET("/api/datasets/{id}", { params: { path: { id: name } } })),
    refetchInterval: ({ state }) => presenceMs(state.error),
  });
}
