// The frame of a chart: measures its box and hands a drawing function real pixels.
import type { ReactNode } from "react";
import { type Size, useSize } from "../parts/useSize";

interface ChartProps {
  label: string;
  children: (size: Size) => ReactNode;
  className?: string;
}

export function Chart({ label, children, className = "" }: ChartProps) {
  const [ref, size] = useSize<HTMLDivElement>();
  const ready = size.width > 0 && size.height > 0;
  return (
    <div className={`chart ${className}`} ref={ref}>
      {ready && (
        <svg role="img" aria-label={label}>
          {children(size)}
        </svg>
      )}
    </div>
  );
}
