// What a person looks at. Drawing, step and chosen edge live in the address, so that a link shows the same thing.
import { useCallback, useEffect, useState } from "react";
import { useSearchParams } from "react-router";

export type ViewKind = "trellis" | "matrix" | "table";

export interface Look {
  view: ViewKind;
  /** the step shown; null follows the search */
  step: number | null;
  show: (view: ViewKind) => void;
  go: (step: number | null) => void;
}

export interface Selection {
  /** chosen, and kept in the address */
  chosen: string | null;
  /** pointed at, else chosen */
  shown: string | null;
  hover: (edge: string | null) => void;
  pick: (edge: string | null) => void;
  /** the question "cut it?" is open */
  asking: boolean;
  ask: (asking: boolean) => void;
}

interface Shown {
  view: ViewKind | null;
  step: number | null;
  edge: string | null;
}

export function useLook(dense: boolean): [Look, Selection] {
  const [params, setParams] = useSearchParams();
  // The state comes first and the address follows: keys pressed in a row must each see what the last one did.
  const [shown, setShown] = useState<Shown>(() => read(params));
  const [hovered, setHovered] = useState<string | null>(null);
  const [asking, ask] = useState(false);

  useEffect(() => {
    const next = written(params, shown);
    if (next.toString() !== params.toString()) setParams(next, { replace: true, preventScrollReset: true });
  }, [params, setParams, shown]);

  const show = useCallback((view: ViewKind) => setShown((old) => ({ ...old, view })), []);
  const go = useCallback((step: number | null) => setShown((old) => ({ ...old, step })), []);
  const pick = useCallback((edge: string | null) => {
    ask(false);
    setShown((old) => (old.edge === edge ? old : { ...old, edge }));
  }, []);

  const look: Look = { view: shown.view ?? (dense ? "matrix" : "trellis"), step: shown.step, show, go };
  const selection: Selection = {
    chosen: shown.edge,
    shown: hovered ?? shown.edge,
    hover: setHovered,
    pick,
    asking,
    ask,
  };
  return [look, selection];
}

function read(params: URLSearchParams): Shown {
  const view = params.get("view");
  const step = params.get("step") ?? "";
  return {
    view: view === "trellis" || view === "matrix" || view === "table" ? view : null,
    step: /^\d+$/.test(step) ? Number(step) : null,
    edge: params.get("edge"),
  };
}

function written(params: URLSearchParams, shown: Shown): URLSearchParams {
  const next = new URLSearchParams(params);
  for (const name of ["view", "step", "edge"] as const) {
    const value = shown[name];
    if (value === null) next.delete(name);
    else next.set(name, String(value));
  }
  return next;
}
