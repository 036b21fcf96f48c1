// The frame of a chart: measures its box, passes the size to a drawing function, says what the mark in focus is, and shares
// one selection with the page.
import clsx from "clsx";
import {
  type CSSProperties,
  type KeyboardEvent,
  type MouseEvent,
  type PointerEvent,
  type ReactNode,
  useState,
} from "react";
import { type Size, useElementSize } from "../ui/useElementSize";
import styles from "./charts.module.css";

export interface ChartSelection {
  focus: string | null;
  onHover: (id: string | null) => void;
  onPick: (id: string | null) => void;
}

/** What a mark is, in words. Not in the marks themselves: there are many, and few are asked. */
export type TipOf = (mark: string) => string;

interface ChartProps extends Partial<ChartSelection> {
  label: string;
  /** Marks have a name of their own in data-mark, and name what they stand for in data-id, which is shared with the page. */
  children: (size: Size) => ReactNode;
  tipOf?: TipOf;
  className?: string | undefined;
}

export interface Tip {
  readonly text: string;
  /** in pixels, from the left and the top of the chart */
  readonly x: number;
  readonly y: number;
  /** share of the width, so that the text stays inside */
  readonly share: number;
}

export function Chart({ label, children, tipOf, className, onHover, onPick }: ChartProps) {
  const [ref, size] = useElementSize<HTMLDivElement>();
  const [tip, setTip] = useState<Tip | null>(null);
  const ready = size.width > 0 && size.height > 0;
  const isLive = onHover !== undefined;
  const show = (mark: Element | null) => {
    setTip(mark && placedTip(mark, tipOf));
    onHover?.(mark?.getAttribute("data-id") ?? null);
  };
  const move = (event: KeyboardEvent<HTMLElement>) => {
    const marks = marksOf(event.currentTarget);
    const now = marks.findIndex((mark) => mark.hasAttribute("data-at"));
    const to = nextMark(event.key, now, marks.length);
    if (to === null) return;
    event.preventDefault();
    const mark = marks[to];
    if (event.key === "Enter") {
      onPick?.(mark?.getAttribute("data-id") ?? null);
      return;
    }
    marks[now]?.removeAttribute("data-at");
    mark?.setAttribute("data-at", "");
    show(mark ?? null);
  };
  const leave = (chart: Element) => {
    for (const mark of chart.querySelectorAll("[data-at]")) mark.removeAttribute("data-at");
    show(null);
  };
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: a group of marks, which arrow keys go through
    <div
      className={clsx(styles.chart, className)}
      ref={ref}
      {...(isLive
        ? { role: "group", "aria-label": `${label}. Arrow keys go through the marks.`, tabIndex: 0 }
        : { role: "presentation" })}
      onPointerMove={(event) => event.pointerType === "mouse" && show(under(event))}
      onPointerLeave={() => show(null)}
      onClick={(event) => {
        const id = under(event)?.getAttribute("data-id");
        if (id) onPick?.(id);
      }}
      onKeyDown={isLive ? move : undefined}
      onBlur={isLive ? (event) => leave(event.currentTarget) : undefined}
    >
      {ready && (
        <svg role="img" aria-label={label}>
          {children(size)}
        </svg>
      )}
      {isLive && (
        <p
          className={styles.tip}
          role="status"
          style={tip ? ({ left: tip.x, top: tip.y, "--share": tip.share } as CSSProperties) : undefined}
        >
          {tip?.text}
        </p>
      )}
    </div>
  );
}

function under(event: PointerEvent | MouseEvent): Element | null {
  return event.target instanceof Element ? event.target.closest("[data-mark]") : null;
}

/** From left to right. */
function marksOf(chart: Element): Element[] {
  const placed = [...chart.querySelectorAll("[data-mark]")].map((mark) => {
    const { left, top } = mark.getBoundingClientRect();
    return { mark, left, top };
  });
  return placed.sort((a, b) => a.left - b.left || a.top - b.top).map(({ mark }) => mark);
}

/** The mark that a key goes to; the present one for Enter; null if the key means nothing here. */
export function nextMark(key: string, now: number, count: number): number | null {
  if (count === 0) return null;
  switch (key) {
    case "ArrowRight":
    case "ArrowDown":
      return Math.min(now + 1, count - 1);
    case "ArrowLeft":
    case "ArrowUp":
      return Math.max(now - 1, 0);
    case "Home":
      return 0;
    case "End":
      return count - 1;
    case "Enter":
      return now < 0 ? null : now;
    default:
      return null;
  }
}

function placedTip(mark: Element, tipOf: ChartProps["tipOf"]): Tip | null {
  const text = tipOf?.(mark.getAttribute("data-mark") ?? "");
  const box = mark.closest("svg")?.getBoundingClientRect();
  if (text === undefined || !box) return null;
  const { left, top, width } = mark.getBoundingClientRect();
  const x = left + width / 2 - box.left;
  return {
    text,
    x,
    y: top - box.top - 6,
    share: box.width > 0 ? Math.min(1, Math.max(0, x / box.width)) : 0,
  };
}
