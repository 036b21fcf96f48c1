// What a person looks at. Drawing, branch, step and what is chosen live in the address, so that a link shows the same.
import { useCallback, useEffect, useState } from "react";
import { useSearchParams } from "react-router";
import { nodeOf, type Target } from "../../dag/graph";

export type ViewKind = "trellis" | "matrix" | "table";

export interface Look {
  view: ViewKind;
  /** the step shown; null follows the search */
  step: number | null;
  /** a branch that was left; null is the one that runs */
  branch: number | null;
  show: (view: ViewKind) => void;
  go: (step: number | null) => void;
  turn: (branch: number | null) => void;
}

export interface Selection {
  /** chosen, and kept in the address */
  chosen: Target | null;
  /** pointed at, else chosen */
  shown: Target | null;
  hover: (target: Target | null) => void;
  pick: (target: Target | null) => void;
  /** the question "cut it?" is open */
  asking: boolean;
  ask: (asking: boolean) => void;
}

interface Shown {
  view: ViewKind | null;
  step: number | null;
  branch: number | null;
  target: Target | null;
}

export function useLook(dense: boolean): [Look, Selection] {
  const [params, setParams] = useSearchParams();
  // The state comes first and the address follows: keys pressed in a row must each see what the last one did.
  const [shown, setShown] = useState<Shown>(() => read(params));
  const [hovered, setHovered] = useState<Target | null>(null);
  const [asking, ask] = useState(false);

  useEffect(() => {
    const next = written(params, shown);
    if (next.toString() !== params.toString()) setParams(next, { replace: true, preventScrollReset: true });
  }, [params, setParams, shown]);

  const show = useCallback((view: ViewKind) => setShown((old) => ({ ...old, view })), []);
  const go = useCallback((step: number | null) => setShown((old) => ({ ...old, step })), []);
  // A step of one branch means nothing in another.
  const turn = useCallback(
    (branch: number | null) => setShown((old) => ({ ...old, branch, step: null })),
    [],
  );
  const pick = useCallback((target: Target | null) => {
    ask(false);
    setShown((old) => (old.target === target ? old : { ...old, target }));
  }, []);

  const { step, branch } = shown;
  const look: Look = { view: shown.view ?? (dense ? "matrix" : "trellis"), step, branch, show, go, turn };
  const selection: Selection = {
    chosen: shown.target,
    shown: hovered ?? shown.target,
    hover: setHovered,
    pick,
    asking,
    ask,
  };
  return [look, selection];
}

function read(params: URLSearchParams): Shown {
  const view = params.get("view");
  return {
    view: view === "trellis" || view === "matrix" || view === "table" ? view : null,
    step: whole(params.get("step")),
    branch: whole(params.get("branch")),
    target: params.get("edge") ?? params.get("node"),
  };
}

function whole(text: string | null): number | null {
  return text !== null && /^\d{1,6}$/.test(text) ? Number(text) : null;
}

function written(params: URLSearchParams, { target, ...shown }: Shown): URLSearchParams {
  const next = new URLSearchParams(params);
  const isNode = nodeOf(target) !== null;
  const all = { ...shown, edge: isNode ? null : target, node: isNode ? target : null };
  for (const [name, value] of Object.entries(all)) {
    if (value === null) next.delete(name);
    else next.set(name, String(value));
  }
  return next;
}
