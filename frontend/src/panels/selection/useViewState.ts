// What a person looks at. Drawing, branch, step and what is chosen live in the address, so that a link shows the same.
import { useCallback, useEffect, useState } from "react";
import { useSearchParams } from "react-router";
import { nodeNumber, type Target } from "../../dag/graph";

export type DrawingKind = "trellis" | "matrix" | "table";

export interface ViewState {
  drawing: DrawingKind;
  /** the step shown; null follows the search */
  step: number | null;
  /** a branch that was left; null is the one that runs */
  branch: number | null;
  showDrawing: (view: DrawingKind) => void;
  showStep: (step: number | null) => void;
  showBranch: (branch: number | null) => void;
}

export interface Selection {
  /** chosen, and kept in the address */
  chosen: Target | null;
  /** pointed at, else chosen */
  focused: Target | null;
  hover: (target: Target | null) => void;
  pick: (target: Target | null) => void;
  /** the question "cut it?" is open */
  confirmingCut: boolean;
  setConfirmingCut: (confirmingCut: boolean) => void;
}

interface AddressState {
  view: DrawingKind | null;
  step: number | null;
  branch: number | null;
  target: Target | null;
}

export function useViewState(dense: boolean): [ViewState, Selection] {
  const [params, setParams] = useSearchParams();
  // The state comes first and the address follows: keys pressed in a row must each see what the last one did.
  const [address, setAddress] = useState<AddressState>(() => readAddress(params));
  const [hovered, setHovered] = useState<Target | null>(null);
  const [confirmingCut, setConfirmingCut] = useState(false);

  useEffect(() => {
    const next = writeAddress(params, address);
    if (next.toString() !== params.toString()) setParams(next, { replace: true, preventScrollReset: true });
  }, [params, setParams, address]);

  const showDrawing = useCallback((view: DrawingKind) => setAddress((old) => ({ ...old, view })), []);
  const showStep = useCallback((step: number | null) => setAddress((old) => ({ ...old, step })), []);
  // A step of one branch means nothing in another.
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
    pick,
    confirmingCut,
    setConfirmingCut,
  };
  return [viewState, selection];
}

function readAddress(params: URLSearchParams): AddressState {
  const view = params.get("view");
  return {
    view: view === "trellis" || view === "matrix" || view === "table" ? view : null,
    step: parseWhole(params.get("step")),
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
