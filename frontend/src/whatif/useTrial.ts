// The cost of a cell after all edits of a trial; requested again after each edit.
import { useQuery } from "@tanstack/react-query";
import { api, unwrap } from "../api/client";
import type { Edit, Graph, Over, WhatIfRequest } from "../api/types";
import type { Cost, Macro } from "../live/events";

export interface Total {
  readonly cost: Cost;
  readonly graph: Graph;
  readonly over: readonly Over[];
}

export interface Trial {
  /** null while loading, and if the edits are impossible */
  readonly total: Total | null;
  readonly pending: boolean;
  readonly error: Error | null;
}

export function useTrial(
  graph: Graph,
  macro: Macro,
  budget: NonNullable<WhatIfRequest["budget"]> | null,
  edits: readonly Edit[],
): Trial {
  const body: WhatIfRequest = { graph, macro: { ...macro }, budget, edits: [...edits], each: false };
  const query = useQuery({
    queryKey: ["trial", body],
    queryFn: async ({ signal }): Promise<Total | null> => {
      const { cost, graph, over } = await unwrap(api.POST("/api/what-if", { body, signal }));
      return cost && graph ? { cost: cost as Cost, graph, over: over ?? [] } : null;
    },
    staleTime: Number.POSITIVE_INFINITY,
    retry: false,
  });
  return { total: query.data ?? null, pending: query.isPending, error: query.error };
}
