// SVG helpers shared by the drawings: elements, and the marks that show an edge's state.
import clsx from "clsx";
import { roundTo } from "../format/rounding";
import styles from "./drawing.module.css";

const SVG = "http://www.w3.org/2000/svg";
type Attributes = Record<string, string | number | undefined>;

export function svg<K extends keyof SVGElementTagNameMap>(
  tag: K,
  attributes: Attributes = {},
  ...children: (Node | string)[]
): SVGElementTagNameMap[K] {
  const element = document.createElementNS(SVG, tag);
  set(element, attributes);
  element.append(...children);
  return element;
}

/** Writes only attributes that changed; undefined stays as it is. */
export function set(element: Element, attributes: Attributes): void {
  for (const [name, value] of Object.entries(attributes)) {
    if (value === undefined) continue;
    const text = String(value);
    if (element.getAttribute(name) !== text) element.setAttribute(name, text);
  }
}

export function at(x: number, y: number): Attributes {
  return { transform: `translate(${roundTo(x, 1)} ${roundTo(y, 1)})` };
}

/** Mark: locked by a user. */
export function padlock(): SVGGElement {
  return svg(
    "g",
    { class: styles.padlock, "data-mark": "locked" },
    svg("rect", { class: styles.ground, x: -9, y: -9, width: 18, height: 18, rx: 9 }),
    svg("path", { class: styles.bow, d: "M-2.8 -0.8v-2a2.8 2.8 0 0 1 5.6 0v2" }),
    svg("rect", { class: styles.body, x: -4.5, y: -0.8, width: 9, height: 7, rx: 1.2 }),
  );
}

/** Mark: a command waits for the end of the round. */
export function clock(r = 7): SVGGElement {
  return svg(
    "g",
    { class: styles.pendingMark, "data-mark": "pending" },
    svg("circle", { class: styles.ground, r: r + 2 }),
    svg("circle", { class: styles.face, r }),
    svg("path", { d: `M0 ${roundTo(-r * 0.55, 1)}V0.5l${roundTo(r * 0.45, 1)} ${roundTo(r * 0.3, 1)}` }),
  );
}

/** Mark: infeasible, the cut would raise a cost that is already over its limit. */
export function diamond(r = 6): SVGGElement {
  const h = r / 2;
  const q = r / 4;
  return svg(
    "g",
    { class: styles.diamond, "data-mark": "infeasible" },
    svg("path", { class: styles.ground, d: `M0 ${-r}L${r} 0 0 ${r} ${-r} 0Z` }),
    svg("path", { d: `M${-h} ${-h}l${r} ${r}M${-q} ${-3 * q}l${r} ${r}M${-3 * q} ${-q}l${r} ${r}` }),
  );
}

/** Mark: the node's output leaves the cell. */
export function leaf(size: number): SVGPathElement {
  const n = (value: number) => roundTo(value * size, 1);
  return svg("path", {
    class: styles.leaf,
    d: `M0 0c${n(5)} ${n(-8)} ${n(11)} ${n(-8)} ${n(15)} ${n(-8)}c0 ${n(5)} ${n(-3)} ${n(11)} ${n(-15)} ${n(8)}z`,
  });
}

/** A label on top of a wire, with the background's colour; that of the next cut stands out. */
export function chip(next = false): SVGGElement {
  return svg(
    "g",
    { class: clsx(styles.chip, next && styles.next) },
    svg("rect", { y: -8, height: 16, rx: 3 }),
    svg("text", { y: 4, "text-anchor": "middle" }),
  );
}

export function label(element: SVGGElement, text: string): void {
  const [rect, words] = element.children;
  if (!rect || !words) return;
  const width = text.length * 6.4 + 10;
  set(rect, { x: -width / 2, width });
  if (words.textContent !== text) words.textContent = text;
}

export function reducedMotion(): boolean {
  return matchMedia("(prefers-reduced-motion: reduce)").matches;
}
