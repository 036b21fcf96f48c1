// A box that opens beside a button, in the top layer, so that no scrolling container and no modal dialog hides it. A
// click elsewhere, leaving it with Tab and scrolling the page close it; Escape is left to the box.
import { type RefObject, useEffect, useLayoutEffect, useRef } from "react";

const GAP = 6;
const MARGIN = 8;

/** A ref for the box, which needs `popover="manual"` and `tabIndex={-1}` and is in the page only while it is open. */
export function usePopover<T extends HTMLElement>(
  button: RefObject<HTMLElement | null>,
  close: (returnFocus: boolean) => void,
): RefObject<T | null> {
  const box = useRef<T>(null);
  useLayoutEffect(() => {
    const element = box.current;
    if (!element || !button.current) return;
    element.showPopover?.();
    place(element, button.current.getBoundingClientRect());
    element.focus({ preventScroll: true });
  }, [button]);
  const latest = useRef(close);
  latest.current = close;
  useEffect(() => {
    const within = (target: EventTarget | null) =>
      target instanceof Node && (box.current?.contains(target) || button.current?.contains(target));
    const outside = ({ target }: Event) => {
      if (!within(target)) latest.current(false);
    };
    const moved = ({ target }: Event) => {
      if (target instanceof Node && box.current?.contains(target)) return; // its own content scrolls
      latest.current(box.current?.contains(document.activeElement) ?? false);
    };
    document.addEventListener("pointerdown", outside, true);
    document.addEventListener("focusin", outside);
    window.addEventListener("scroll", moved, true);
    window.addEventListener("resize", moved);
    return () => {
      document.removeEventListener("pointerdown", outside, true);
      document.removeEventListener("focusin", outside);
      window.removeEventListener("scroll", moved, true);
      window.removeEventListener("resize", moved);
    };
  }, [button]);
  return box;
}

/** Below the button, or above it if there is no room; never beyond the window. */
function place(element: HTMLElement, at: DOMRect): void {
  const { width, height } = element.getBoundingClientRect();
  const { clientWidth, clientHeight } = document.documentElement;
  const left = Math.max(MARGIN, Math.min(at.left, clientWidth - width - MARGIN));
  const below = at.bottom + GAP;
  const top = below + height + MARGIN > clientHeight ? Math.max(MARGIN, at.top - GAP - height) : below;
  element.style.left = `${left}px`;
  element.style.top = `${top}px`;
}
