// A pressed button that goes grey or goes away would drop the keyboard to the top of the page. A group of buttons keeps
// it: on the first that can still be pressed, else on the group itself (which needs tabIndex -1).
import { type RefObject, useEffect, useRef } from "react";

export function useRetainedFocus<T extends HTMLElement>(): RefObject<T | null> {
  const group = useRef<T>(null);
  const within = useRef(false);
  useEffect(() => {
    const follow = ({ target }: FocusEvent) => {
      within.current = target instanceof Node && group.current !== null && group.current.contains(target);
    };
    const letGo = () => {
      within.current = false;
    };
    document.addEventListener("focusin", follow);
    document.addEventListener("pointerdown", letGo, true);
    return () => {
      document.removeEventListener("focusin", follow);
      document.removeEventListener("pointerdown", letGo, true);
    };
  }, []);
  // After every render, because any may have taken the button away.
  useEffect(() => {
    const active = document.activeElement;
    if (!within.current || !group.current || !active) return;
    // A button that went grey still has the focus here: the browser takes it only when it next draws.
    if (active !== document.body && active !== group.current && !active.matches(":disabled")) return;
    const next = group.current.querySelector<HTMLElement>("button:not(:disabled)");
    (next ?? group.current).focus({ preventScroll: true });
  });
  return group;
}
