// A chart of many marks. What draws it is large, so it is loaded when there are many.
import { lazy, Suspense } from "react";
import { EmptyChart } from "./EmptyChart";
import type { ScatterProps } from "./scatter/Scatter";

const Scatter = lazy(() => import("./scatter/Scatter").then((module) => ({ default: module.Scatter })));

export function ManyMarks(props: ScatterProps) {
  return (
    <Suspense fallback={<EmptyChart>Loading the chart…</EmptyChart>}>
      <Scatter {...props} />
    </Suspense>
  );
}
