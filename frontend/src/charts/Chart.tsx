// The frame of a chart: measures its box, passes the size to a drawing function, and shares one selection with the page.
import clsx from "clsx";
import type { MouseEvent, PointerEvent, ReactNode } from "react";
import { type Size, useElementSize } from "../ui/useElementSize";
import styles from "./charts.module.css";

/** Marks name their edge in data-id, so that it is highlighted in every chart at once. */
export interface ChartSelection {
  focus: string | null;
  onHover: (id: string | null) => void;
  onPick: (id: string | null) => void;
}

interface ChartProps extends Partial<ChartSelection> {
  label: string;
  children: (size: Size) => ReactNode;
  className?: string | undefined;
}

export function Chart({ label, children, className, onHover, onPick }: ChartProps) {
  const [ref, size] = useElementSize<HTMLDivElement>();
  const ready = size.width > 0 && size.height > 0;
  const under = (event: PointerEvent | MouseEvent) =>
    event.target instanceof Element
      ? (event.target.closest("[data-id]")?.getAttribute("data-id") ?? null)
      : null;
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: pointing is an extra; graph and table give the same by keyboard
    <div
      className={clsx(styles.chart, className)}
      ref={ref}
      role="presentation"
      onPointerMove={(event) => event.pointerType === "mouse" && onHover?.(under(event))}
      onPointerLeave={() => onHover?.(null)}
      onClick={(event) => {
        const id = under(event);
        if (id) onPick?.(id);
      }}
    >
      {ready && (
        <svg role="img" aria-label={label}>
          {children(size)}
        </svg>
      )}
    </div>
  );
}
