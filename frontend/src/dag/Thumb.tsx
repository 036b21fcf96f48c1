// Small pictures of a cell, for lists, candidates and steps.
import "./dag.css";
import { useMemo } from "react";
import { type DagGraph, isDense } from "./graph";
import { type Parts, trace, triangle } from "./thumb";

interface ThumbProps {
  graph: DagGraph;
  /** the ids that live; all of the graph's edges where left out */
  live?: ReadonlySet<string> | undefined;
  cut?: ReadonlySet<string> | undefined;
  held?: ReadonlySet<string> | undefined;
}

function useParts({ graph, live, cut, held }: ThumbProps): Parts {
  return useMemo(
    () => ({
      live: live ?? new Set(graph.edges.map((edge) => edge.id)),
      ...(cut && { cut }),
      ...(held && { held }),
    }),
    [graph, live, cut, held],
  );
}

/** The cell as a trellis; with a cut it turns pale and the cut stands out. */
export function Thumb({
  width = 88,
  height = 44,
  ...props
}: ThumbProps & { width?: number; height?: number }) {
  const parts = useParts(props);
  const picture = useMemo(
    () => trace(props.graph, parts, width, height),
    [props.graph, parts, width, height],
  );
  return (
    <svg
      className="thumb"
      viewBox={`0 0 ${width} ${height}`}
      width={width}
      height={height}
      aria-hidden="true"
    >
      <path className={parts.cut ? "quiet" : "live"} d={picture.live} />
      <path className="held" d={picture.held} />
      <path className="cut" d={picture.cut} />
      {picture.dots.map((dot) => (
        <circle
          key={dot.id}
          className={dot.gone ? "dot gone" : "dot"}
          cx={dot.x}
          cy={dot.y}
          r={dot.gone ? 1.1 : 1.7}
        />
      ))}
    </svg>
  );
}

/** The cell as a triangle of squares. */
export function Triangle({ size = 36, ...props }: ThumbProps & { size?: number }) {
  const parts = useParts(props);
  const picture = useMemo(() => triangle(props.graph, parts, size), [props.graph, parts, size]);
  return (
    <svg className="triangle" viewBox={`0 0 ${size} ${size}`} width={size} height={size} aria-hidden="true">
      <path className="live" d={picture.live} />
      <path className="gone" d={picture.gone} />
      <path className="held" d={picture.held} />
      <path className="cut" d={picture.cut} />
    </svg>
  );
}

/** Whichever of the two can be read: lines while they are few, squares where they would be a grey block. */
export function Picture({
  width = 88,
  height = 44,
  ...props
}: ThumbProps & { width?: number; height?: number }) {
  const living = props.live?.size ?? props.graph.edges.length;
  if (isDense(props.graph) && living > props.graph.nodes.length * 2)
    return <Triangle {...props} size={height} />;
  return <Thumb {...props} width={width} height={height} />;
}
