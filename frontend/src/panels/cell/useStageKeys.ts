// Keys on the drawing and in the margin note: Enter goes from the one to the other, Escape comes back. Letters count on
// the drawing alone, never in a field.
import { type KeyboardEvent, type RefObject, useEffect, useRef, useState } from "react";
import { nodeOf, type Target } from "../../dag/graph";
import type { Moment } from "../../search-view/moment";
import type { Selection } from "../selection/useLook";
import type { Part } from "../steering/Acts";
import type { Steering, Verb } from "../steering/useSteering";

interface Around {
  focus: Target | null;
  moment: Moment;
  selection: Selection;
  steering: Steering;
  note: RefObject<HTMLElement | null>;
  /** shows the newest step, where what is chosen can be steered */
  toNewest: () => void;
}

export interface StageKeys {
  /** Whether the key meant something; on what is in focus where no other target is named. */
  onKey: (key: string, target?: Target) => boolean;
  onNoteKey: (event: KeyboardEvent) => void;
}

export function useStageKeys(around: Around): StageKeys {
  const { focus, moment, selection, steering, note } = around;
  const from = useRef<HTMLElement | SVGElement | null>(null);
  const reopen = useReopened(around, () => enter());

  const enter = () => {
    const active = document.activeElement;
    from.current = active instanceof HTMLElement || active instanceof SVGElement ? active : null;
    const first = note.current?.querySelector<HTMLElement>(
      ".acts button:not(:disabled), .pending button, .acts input",
    );
    first?.focus();
    return Boolean(first);
  };

  /** Lock, cut and restore by their letters. */
  const act = (key: string, target: Target): boolean => {
    const part = partOf(target, moment);
    if (!part || !moment.head || moment.over || steering.watching) return false;
    const held = moment.locked.has(target);
    const send = (kind: Verb) => void steering.send(target, { kind, ...part.said });
    if (/^r$/i.test(key) && part.removed) send("restore");
    else if (/^r$/i.test(key) && !held) {
      selection.pick(target);
      selection.ask(true);
    } else if (/^l$/i.test(key) && !part.removed) send(held ? "unlock" : "lock");
    else return false;
    return true;
  };

  const onKey = (key: string, target: Target | null = focus): boolean => {
    if (key === "Escape" && selection.asking) selection.ask(false);
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

/** A cut that is made already is chosen, and the keyboard goes to what brings it back; the question is a person's. */
function useReopened(around: Around, enter: () => void): (target: Target) => void {
  const { focus, moment, selection, toNewest } = around;
  const [reopened, setReopened] = useState<Target | null>(null);
  useEffect(() => {
    if (reopened === null) return;
    setReopened(null);
    if (focus === reopened && partOf(reopened, moment)?.removed) enter();
  }, [reopened, focus, moment, enter]);
  return (target) => {
    toNewest();
    selection.pick(target);
    setReopened(target);
  };
}

function partOf(target: Target, moment: Moment): { said: Part; removed: boolean } | null {
  const number = nodeOf(target);
  if (number === null) {
    const edge = moment.edges.find((each) => each.id === target);
    return edge ? { said: { edge: target }, removed: edge.state === "removed" } : null;
  }
  const node = moment.nodes.find((each) => each.id === number);
  return node ? { said: { node: number }, removed: node.removed } : null;
}
