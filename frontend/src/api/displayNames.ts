// Display names of what the engine identifies by key.
import { useQuery } from "@tanstack/react-query";
import { allDatasets } from "./datasets";
import { useEngine } from "./engine";

export interface DisplayNames {
  strategy: (key: string) => string;
  dataset: (key: string) => string;
}

/** Titles of strategies and datasets; the key itself until they are loaded. */
export function useDisplayNames(): DisplayNames {
  const engine = useEngine();
  const datasets = useQuery({
    ...allDatasets,
    staleTime: 30_000, // a colleague may upload another at any time
  });
  return {
    strategy: (key) => engine.data?.strategies.find((each) => each.name === key)?.title ?? key,
    dataset: (key) => datasets.data?.find((each) => each.name === key)?.title ?? key,
  };
}
