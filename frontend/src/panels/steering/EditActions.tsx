// Actions on an edge or node: lock, unlock, cut, restore; with the pending and the refused command.

import { type RefObject, useEffect, useRef } from "react";
import type { Command } from "../../api/types";
import { isChain } from "../../dag/chain/blocks";
import { targetName } from "../../search-view/commandText";
import type { Moment } from "../../search-view/moment";
import { useRetainedFocus } from "../../ui/useRetainedFocus";
import type { Selection } from "../selection/useViewState";
import { PendingCommand, ReasonField, RefusedCommand } from "./CommandStatus";
import { editLock, FINALISTS_TRAIN } from "./editLock";
import styles from "./steering.module.css";
import type { Steering, Verb } from "./useSteering";

/** An edge or node in the form of a command's fields. */
export type EditTarget = { edge: string } | { node: number };

export interface EditActionsProps {
  target: EditTarget;
  state: "active" | "next" | "locked" | "infeasible" | "removed";
  pendingCommand: Command | null;
  moment: Moment;
  selection: Selection;
  steering: Steering;
}

export function EditActions({
  target,
  state,
  pendingCommand,
  moment,
  selection,
  steering,
}: EditActionsProps) {
  const acts = useRetainedFocus<HTMLDivElement>();
  const { confirmingCut, setConfirmingCut } = selection;
  useQuestionFocus(acts, confirmingCut);
  const origin = "edge" in target ? target.edge : String(target.node);
  const name = targetName({ edge: null, node: null, ...target });
  const isChosen = selection.chosen === origin;
  const may = isChosen && moment.head && !moment.over;
  const lock = editLock(moment, steering);
  const mayCut = !isChain(moment.nodes); // a chain's blocks change, and never go
  const act = (kind: Verb) => {
    setConfirmingCut(false);
    void steering.send(origin, { kind, ...target });
  };
  const button = (kind: Verb, word: string, press = () => act(kind)) => (
    <button
      type="button"
      className={kind === "remove" ? "btn small cut" : "btn small"}
      disabled={steering.busy || pendingCommand?.kind === kind}
      onClick={press}
      {...lock}
    >
      {word}
    </button>
  );
  return (
    <>
      {pendingCommand && <PendingCommand command={pendingCommand} origin={origin} steering={steering} />}
      <RefusedCommand origin={origin} steering={steering} />
      {moment.answering && <p className="sub">{FINALISTS_TRAIN}</p>}
      {!isChosen && moment.head && !moment.over && !moment.answering && (
        <p className="sub">
          Select it to {state === "removed" ? "restore it" : mayCut ? "lock or cut it" : "lock it"}.
        </p>
      )}
      {may && (
        // biome-ignore lint/a11y/noStaticElementInteractions: Escape is a shortcut for the button that keeps the edge
        <div
          className={styles.actions}
          data-actions=""
          ref={acts}
          tabIndex={-1}
          onKeyDown={(event) => {
            if (event.key !== "Escape" || !confirmingCut) return;
            event.stopPropagation();
            setConfirmingCut(false);
          }}
        >
          {confirmingCut && state === "removed" ? (
            <>
              <p className="sub">It was cut meanwhile, so nothing is left to confirm.</p>
              <button type="button" className="btn small" onClick={() => setConfirmingCut(false)}>
                Close
              </button>
            </>
          ) : confirmingCut ? (
            <>
              {button("remove", `Cut ${name}`)}
              <button type="button" className="btn small" onClick={() => setConfirmingCut(false)}>
                {"edge" in target ? "Keep edge" : "Keep node"}
              </button>
            </>
          ) : state === "removed" ? (
            <>
              {button("restore", "Restore")}
              {/* Commands apply in order, so an edge can be locked before its restore is applied. */}
              {pendingCommand?.kind === "restore" && button("lock", "Lock")}
            </>
          ) : state === "locked" ? (
            button("unlock", "Unlock")
          ) : (
            <>
              {button("lock", "Lock")}
              {mayCut &&
                button("remove", state === "infeasible" ? "Force cut" : "Cut", () => setConfirmingCut(true))}
            </>
          )}
          {!lock && <ReasonField origin={origin} steering={steering} />}
        </div>
      )}
    </>
  );
}

/** Moves the focus to the confirmation when it opens by a key on the drawing, and back when it closes. */
function useQuestionFocus(acts: RefObject<HTMLDivElement | null>, confirmingCut: boolean): void {
  const from = useRef<HTMLElement | SVGElement | null>(null);
  useEffect(() => {
    const active = document.activeElement;
    if (confirmingCut && acts.current && !acts.current.contains(active)) {
      from.current = active instanceof HTMLElement || active instanceof SVGElement ? active : null;
      acts.current.querySelector<HTMLElement>("button")?.focus();
    } else if (!confirmingCut && from.current) {
      if (active === document.body || acts.current?.contains(active)) from.current.focus();
      from.current = null;
    }
  }, [acts, confirmingCut]);
}
