// What a person looks at. Drawing, step and chosen edge live in the address, so that a link shows the same thing.
import { useCallback, useState } from "react";
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

export function useLook(dense: boolean): [Look, Selection] {
  const [params, setParams] = useSearchParams();
  const [hovered, setHovered] = useState<string | null>(null);
  const [asking, ask] = useState(false);

  const put = useCallback(
    (name: string, value: string | null) =>
      setParams(
        (old) => {
          const next = new URLSearchParams(old);
          if (value === null) next.delete(name);
          else next.set(name, value);
          return next;
        },
        { replace: true, preventScrollReset: true },
      ),
    [setParams],
  );
  const go = useCallback((value: number | null) => put("step", value === null ? null : String(value)), [put]);

  const asked = params.get("view");
  const view: ViewKind =
    asked === "trellis" || asked === "matrix" || asked === "table" ? asked : dense ? "matrix" : "trellis";
  const step = /^\d+$/.test(params.get("step") ?? "") ? Number(params.get("step")) : null;
  const chosen = params.get("edge");

  const look: Look = {
    view,
    step,
    show: (value) => put("view", value),
    go,
  };
  const selection: Selection = {
    chosen,
    shown: hovered ?? chosen,
    hover: (edge) => {
      if (edge !== hovered) setHovered(edge);
    },
    pick: (edge) => {
      ask(false);
      if (edge !== chosen) put("edge", edge);
    },
    asking,
    ask,
  };
  return [look, selection];
}
