// The team's datasets.
import { useQuery } from "@tanstack/react-query";
import { api, unwrap } from "./client";

export function useDatasets() {
  return useQuery({ queryKey: ["datasets"], queryFn: () => unwrap(api.GET("/api/datasets")) });
}

export function useDataset(name: string) {
  return useQuery({
    queryKey: ["dataset", name],
    queryFn: () => unwrap(api.GET("/api/datasets/{name}", { params: { path: { name } } })),
  });
}
