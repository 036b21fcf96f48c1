// Pointers and the wheel on a drawing: drag to pan, two fingers to pan and zoom, wheel to zoom, press to pick.
import type { Point } from "./layout";

interface Actions {
  pan(dx: number, dy: number): void;
  zoom(factor: number, at: Point): void;
  /** null: the pointer left, or drags */
  hover(at: Point | null): void;
  pick(at: Point, coarse: boolean): void;
  /** whether the wheel zooms; else it scrolls the page */
  wheelZooms(event: WheelEvent): boolean;
}

/** Pixels that a press may move and still be a click. */
const STEADY = 4;
const WHEEL = 0.0016; // of zoom, as a power of e, per pixel of the wheel
const PINCH = 0.01; // the same for a trackpad's pinch, which arrives as a wheel with Ctrl
const LINE = 16; // pixels of a line, for wheels that count lines

/** Returns how to stop. */
export function followGestures(element: HTMLElement, actions: Actions): () => void {
  const pressed = new Map<number, Point>();
  let moved = 0;

  const at = (event: MouseEvent): Point => {
    const box = element.getBoundingClientRect();
    return { x: event.clientX - box.left, y: event.clientY - box.top };
  };
  const down = (event: PointerEvent) => {
    if (event.button !== 0) return;
    if (pressed.size === 0) moved = 0;
    pressed.set(event.pointerId, at(event));
    element.setPointerCapture(event.pointerId);
  };
  const move = (event: PointerEvent) => {
    const from = pressed.get(event.pointerId);
    const to = at(event);
    if (!from) {
      if (event.pointerType === "mouse") actions.hover(to);
      return;
    }
    const others = [...pressed].filter(([id]) => id !== event.pointerId).map(([, point]) => point);
    pressed.set(event.pointerId, to);
    moved += Math.hypot(to.x - from.x, to.y - from.y);
    if (moved < STEADY) return;
    actions.hover(null);
    const [dx, dy] = [to.x - from.x, to.y - from.y];
    const [other] = others;
    if (!other) {
      actions.pan(dx, dy);
      return;
    }
    const [was, now] = [
      Math.hypot(from.x - other.x, from.y - other.y),
      Math.hypot(to.x - other.x, to.y - other.y),
    ];
    actions.pan(dx / 2, dy / 2);
    if (was > 0) actions.zoom(now / was, { x: (to.x + other.x) / 2, y: (to.y + other.y) / 2 });
  };
  const up = (event: PointerEvent) => {
    if (!pressed.delete(event.pointerId)) return;
    if (event.type === "pointerup" && moved < STEADY && pressed.size === 0)
      actions.pick(at(event), event.pointerType === "touch");
  };
  const leave = () => actions.hover(null);
  const wheel = (event: WheelEvent) => {
    if (!actions.wheelZooms(event)) return;
    event.preventDefault();
    const turned = event.deltaY * (event.deltaMode === WheelEvent.DOM_DELTA_LINE ? LINE : 1);
    actions.zoom(Math.exp(-turned * (event.ctrlKey ? PINCH : WHEEL)), at(event));
  };

  element.addEventListener("pointerdown", down);
  element.addEventListener("pointermove", move);
  element.addEventListener("pointerup", up);
  element.addEventListener("pointercancel", up);
  element.addEventListener("pointerleave", leave);
  element.addEventListener("wheel", wheel, { passive: false });
  return () => {
    element.removeEventListener("pointerdown", down);
    element.removeEventListener("pointermove", move);
    element.removeEventListener("pointerup", up);
    element.removeEventListener("pointercancel", up);
    element.removeEventListener("pointerleave", leave);
    element.removeEventListener("wheel", wheel);
  };
}
