// The costs of a cell without each of its edges and nodes, and with each removed edge restored. Requested once per cell in
// advance, so that the figures are there as soon as the pointer is.
import { useQuery } from "@tanstack/react-query";
import { useMemo } from "react";
import { api, unwrap } from "../api/client";
import { useLimits } from "../api/engine";
import type { WhatIfRequest } from "../api/types";
import type { Cost, Macro } from "../live/events";
import { useDebounced } from "../ui/useDebounced";
import {
  type Cell,
  type EditPrice,
  editBatches,
  type PossibleEdit,
  type Prices,
  requestGraph,
} from "./edits";

const PAUSE_MS = 150; // when the user runs through the steps, only the last one is requested

export interface WhatIf {
  readonly prices: Prices;
  /** loading: there are no figures yet */
  readonly pending: boolean;
}

type Budget = NonNullable<WhatIfRequest["budget"]> | null;

const NONE: Prices = new Map();

interface Question {
  readonly graph: WhatIfRequest["graph"];
  readonly macro: WhatIfRequest["macro"];
  readonly budget: Budget;
  readonly parts: PossibleEdit[][];
}

export function useWhatIf(cell: Cell | null, macro: Macro | null, budget: Budget = null): WhatIf {
  const limits = useLimits()?.what_if;
  const question = useMemo((): Question | null => {
    if (!cell || !macro || !limits || cell.nodes.length === 0) return null;
    const parts = editBatches(cell, macro, limits);
    return parts.length > 0 ? { graph: requestGraph(cell), macro: { ...macro }, budget, parts } : null;
  }, [cell, macro, budget, limits]);
  const questionKey = useMemo(() => (question ? JSON.stringify(question) : null), [question]);
  const settledKey = useDebounced(questionKey, PAUSE_MS);
  const query = useQuery({
    queryKey: ["what-if", settledKey],
    queryFn: ({ signal }) => fetchPrices(JSON.parse(settledKey ?? "") as Question, signal),
    enabled: settledKey !== null,
    staleTime: Number.POSITIVE_INFINITY, // the same cell costs the same
    retry: false,
  });
  const behind = settledKey !== questionKey;
  return {
    prices: behind || questionKey === null ? NONE : (query.data ?? NONE),
    pending: questionKey !== null && (behind || query.isPending),
  };
}

async function fetchPrices({ parts, ...about }: Question, signal: AbortSignal): Promise<Prices> {
  const answers = await Promise.all(
    parts.map(async (part) => {
      const body: WhatIfRequest = { ...about, edits: part.map(({ edit }) => edit), each: true };
      const { costs = [] } = await unwrap(api.POST("/api/what-if", { body, signal }));
      return costs.map(({ edit, cost, why_not, over, nodes, edges }): [string, EditPrice] => [
        part[edit]?.target ?? "",
        { cost: cost as Cost | null, whyNot: why_not, over, nodes, edges },
      ]);
    }),
  );
  return new Map(answers.flat());
}
