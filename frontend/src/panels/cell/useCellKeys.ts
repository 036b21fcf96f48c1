// Keyboard handling of the cell panel: Enter moves the focus from the drawing to the details, Escape back. Letter keys work
// on the drawing only.
import { type KeyboardEvent, type RefObject, useEffect, useRef, useState } from "react";
import { isChain } from "../../dag/chain/blocks";
import { nodeNumber, type Target } from "../../dag/graph";
import type { Moment } from "../../search-view/moment";
import type { Selection } from "../selection/useViewState";
import type { EditTarget } from "../steering/EditActions";
import { editLock } from "../steering/editLock";
import type { Steering, Verb } from "../steering/useSteering";

interface CellKeysOptions {
  moment: Moment;
  selection: Selection;
  steering: Steering;
  note: RefObject<HTMLElement | null>;
  /** shows the newest step, where edits are possible */
  toNewest: () => void;
}

export interface CellKeys {
  /** Handles a key on the target, by default the selected one; returns whether it had an effect. */
  onKey: (key: string, target?: Target) => boolean;
  onNoteKey: (event: KeyboardEvent) => void;
}

export function useCellKeys(options: CellKeysOptions): CellKeys {
  const { moment, selection, steering, note } = options;
  const from = useRef<HTMLElement | SVGElement | null>(null);
  const reopen = useReopenedCut(options, () => enter());

  const enter = () => {
    const active = document.activeElement;
    from.current = active instanceof HTMLElement || active instanceof SVGElement ? active : null;
    const first = note.current?.querySelector<HTMLElement>(
      "[data-actions] button:not(:disabled), [role=status] button, [data-actions] input",
    );
    first?.focus();
    return Boolean(first);
  };

  /** Lock, cut and restore by letter keys. */
  const act = (key: string, target: Target): boolean => {
    const part = editTargetOf(target, moment);
    if (!part || !moment.head || moment.over || editLock(moment, steering)) return false;
    const locked = moment.locked.has(target);
    const send = (kind: Verb) => void steering.send(target, { kind, ...part.target });
    if (/^r$/i.test(key) && part.removed) send("restore");
    else if (/^r$/i.test(key) && !locked && !isChain(moment.nodes)) {
      selection.pick(target);
      selection.setConfirmingCut(true);
    } else if (/^l$/i.test(key) && !part.removed) send(locked ? "unlock" : "lock");
    else return false;
    return true;
  };

  const onKey = (key: string, target: Target | null = selection.chosen): boolean => {
    if (key === "Escape" && selection.confirmingCut) selection.setConfirmingCut(false);
    else if (key === "Escape") selection.pick(null);
    else if (/^u$/i.test(key)) return steering.undo(reopen);
    else if (target === null) return false;
    else if (key === "Enter") {
      selection.pick(target);
      return enter();
    } else return act(key, target);
    return true;
  };

  const onNoteKey = (event: KeyboardEvent) => {
    if (event.key !== "Escape" || !from.current) return;
    from.current.focus();
    from.current = null;
  };

  return { onKey, onNoteKey };
}

/** After undo of an applied cut: selects the edge and focuses "Restore", so that the user decides. */
function useReopenedCut(options: CellKeysOptions, enter: () => void): (target: Target) => void {
  const { moment, selection, toNewest } = options;
  const { chosen } = selection;
  const [reopened, setReopened] = useState<Target | null>(null);
  useEffect(() => {
    if (reopened === null) return;
    setReopened(null);
    if (chosen === reopened && editTargetOf(reopened, moment)?.removed) enter();
  }, [reopened, chosen, moment, enter]);
  return (target) => {
    toNewest();
    selection.pick(target);
    setReopened(target);
  };
}

function editTargetOf(target: Target, moment: Moment): { target: EditTarget; removed: boolean } | null {
  const number = nodeNumber(target);
  if (number === null) {
    const edge = moment.edges.find((each) => each.id === target);
    return edge ? { target: { edge: target }, removed: edge.state === "removed" } : null;
  }
  const node = moment.nodes.find((each) => each.id === number);
  return node ? { target: { node: number }, removed: node.removed } : null;
}
