// A pressed button that gets disabled or removed would lose the keyboard focus to the page. This hook keeps it in the
// group: on the first enabled button, else on the group itself (which needs tabIndex -1).
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
  // After every render, because any may have removed the button.
  useEffect(() => {
    const active = document.activeElement;
    if (!within.current || !group.current || !active) return;
    // A disabled button still has the focus here: the browser removes it at the next paint.
    if (active !== document.body && active !== group.current && !active.matches(":disabled")) return;
    const next = group.current.querySelector<HTMLElement>("button:not(:disabled)");
    (next ?? group.current).focus({ preventScroll: true });
  });
  return group;
}
