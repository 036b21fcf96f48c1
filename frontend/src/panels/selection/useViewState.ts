// The view state of a search page. Drawing, branch, step and selection are kept in the URL, so that links reproduce them.
import { useCallback, useEffect, useState } from "react";
import { useSearchParams } from "react-router";
import { nodeNumber, type Target } from "../../dag/graph";
import type { Wanted } from "../../live/past";

const DRAWINGS = ["trellis", "matrix", "layers", "table"] as const;
export type DrawingKind = (typeof DRAWINGS)[number];

export interface ViewState {
  drawing: DrawingKind;
  /** what is shown; null follows the search, and after its end shows the answer */
  step: Wanted;
  /** an abandoned branch; null is the live one */
  branch: number | null;
  showDrawing: (view: DrawingKind) => void;
  showStep: (step: Wanted) => void;
  showBranch: (branch: number | null) => void;
}

export interface Selection {
  /** selected, and kept in the URL */
  chosen: Target | null;
  /** under the pointer, else selected */
  focused: Target | null;
  hover: (target: Target | null) => void;
  /** the candidate that is pointed at, which the drawing shows; null if none, or if it is the cut of an edge */
  candidate: number | null;
  pointAt: (candidate: number | null) => void;
  pick: (target: Target | null) => void;
  /** the cut waits for confirmation */
  confirmingCut: boolean;
  setConfirmingCut: (confirmingCut: boolean) => void;
}

interface AddressState {
  view: DrawingKind | null;
  step: Wanted;
  branch: number | null;
  target: Target | null;
}

export function useViewState(dense: boolean): [ViewState, Selection] {
  const [params, setParams] = useSearchParams();
  // The URL follows the state, because quickly repeated keys must see the effect of the previous one.
  const [address, setAddress] = useState<AddressState>(() => readAddress(params));
  const [hovered, setHovered] = useState<Target | null>(null);
  const [candidate, pointAt] = useState<number | null>(null);
  const [confirmingCut, setConfirmingCut] = useState(false);

  useEffect(() => {
    const next = writeAddress(params, address);
    if (next.toString() !== params.toString()) setParams(next, { replace: true, preventScrollReset: true });
  }, [params, setParams, address]);

  const showDrawing = useCallback((view: DrawingKind) => setAddress((old) => ({ ...old, view })), []);
  const showStep = useCallback((step: Wanted) => setAddress((old) => ({ ...old, step })), []);
  // Steps of different branches are unrelated.
  const showBranch = useCallback(
    (branch: number | null) => setAddress((old) => ({ ...old, branch, step: null })),
    [],
  );
  const pick = useCallback((target: Target | null) => {
    setConfirmingCut(false);
    setAddress((old) => (old.target === target ? old : { ...old, target }));
  }, []);

  const { step, branch } = address;
  const viewState: ViewState = {
    drawing: address.view ?? (dense ? "matrix" : "trellis"),
    step,
    branch,
    showDrawing,
    showStep,
    showBranch,
  };
  const selection: Selection = {
    chosen: address.target,
    focused: hovered ?? address.target,
    hover: setHovered,
    candidate,
    pointAt,
    pick,
    confirmingCut,
    setConfirmingCut,
  };
  return [viewState, selection];
}

function readAddress(params: URLSearchParams): AddressState {
  const view = params.get("view");
  return {
    view: DRAWINGS.find((each) => each === view) ?? null,
    step: params.get("step") === "finalists" ? "finalists" : parseWhole(params.get("step")),
    branch: parseWhole(params.get("branch")),
    target: params.get("edge") ?? params.get("node"),
  };
}

function parseWhole(text: string | null): number | null {
  return text !== null && /^\d{1,6}$/.test(text) ? Number(text) : null;
}

function writeAddress(params: URLSearchParams, { target, ...address }: AddressState): URLSearchParams {
  const next = new URLSearchParams(params);
  const isNode = nodeNumber(target) !== null;
  const all = { ...address, edge: isNode ? null : target, node: isNode ? target : null };
  for (const [name, value] of Object.entries(all)) {
    if (value === null) next.delete(name);
    else next.set(name, String(value));
  }
  return next;
}
