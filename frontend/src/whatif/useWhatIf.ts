// What a cell would cost without each of its edges and nodes, and with each that was cut: asked for once a cell, before
// anybody points at anything, so that the figure is there with the pointer.
import { useQuery } from "@tanstack/react-query";
import { useMemo } from "react";
import { api, unwrap } from "../api/client";
import type { WhatIfRequest } from "../api/types";
import type { Cost, Macro } from "../live/events";
import { useSettled } from "../ui/useSettled";
import { type Asked, type Cell, type Priced, type Prices, partsOf, wireOf } from "./edits";

const PAUSE_MS = 150; // somebody runs through the steps: only where they rest is asked about

export interface WhatIf {
  readonly prices: Prices;
  /** on its way: no figure yet, and none to be guessed */
  readonly pending: boolean;
}

type Limits = NonNullable<WhatIfRequest["budget"]> | null;

const NONE: Prices = new Map();

interface Question {
  readonly graph: WhatIfRequest["graph"];
  readonly macro: WhatIfRequest["macro"];
  readonly budget: Limits;
  readonly parts: Asked[][];
}

export function useWhatIf(cell: Cell | null, macro: Macro | null, budget: Limits = null): WhatIf {
  const question = useMemo((): Question | null => {
    if (!cell || !macro || cell.nodes.length === 0) return null;
    const parts = partsOf(cell, macro);
    return parts.length > 0 ? { graph: wireOf(cell), macro: { ...macro }, budget, parts } : null;
  }, [cell, macro, budget]);
  const said = useMemo(() => (question ? JSON.stringify(question) : null), [question]);
  const asked = useSettled(said, PAUSE_MS);
  const query = useQuery({
    queryKey: ["what-if", asked],
    queryFn: ({ signal }) => answered(JSON.parse(asked ?? "") as Question, signal),
    enabled: asked !== null,
    staleTime: Number.POSITIVE_INFINITY, // the same cell costs the same
    retry: false,
  });
  const behind = asked !== said;
  return {
    prices: behind || said === null ? NONE : (query.data ?? NONE),
    pending: said !== null && (behind || query.isPending),
  };
}

async function answered({ parts, ...about }: Question, signal: AbortSignal): Promise<Prices> {
  const answers = await Promise.all(
    parts.map(async (part) => {
      const body: WhatIfRequest = { ...about, edits: part.map(({ edit }) => edit), each: true };
      const { costs = [] } = await unwrap(api.POST("/api/what-if", { body, signal }));
      return costs.map(({ edit, cost, why_not, over, nodes, edges }): [string, Priced] => [
        part[edit]?.target ?? "",
        { cost: cost as Cost | null, whyNot: why_not, over, nodes, edges },
      ]);
    }),
  );
  return new Map(answers.flat());
}
