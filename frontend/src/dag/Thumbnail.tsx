// Thumbnails of a cell for lists, candidates and steps.
import clsx from "clsx";
import { useMemo } from "react";
import { isChain } from "./chain/blocks";
import { ChainThumbnail } from "./chain/ChainPicture";
import { type DagGraph, isDense } from "./graph";
import styles from "./thumbnail.module.css";
import { type EdgeGroups, trellisPaths, trianglePaths } from "./thumbnailPaths";

interface ThumbnailProps {
  graph: DagGraph;
  /** ids of active edges; by default all edges of the graph */
  live?: ReadonlySet<string> | undefined;
  cut?: ReadonlySet<string> | undefined;
  locked?: ReadonlySet<string> | undefined;
}

interface TrellisSize {
  width?: number;
  height?: number;
  /** as wide as the element around it */
  fluid?: boolean;
}

function useEdgeGroups({ graph, live, cut, locked }: ThumbnailProps): EdgeGroups {
  return useMemo(
    () => ({
      live: live ?? new Set(graph.edges.map((edge) => edge.id)),
      ...(cut && { cut }),
      ...(locked && { locked }),
    }),
    [graph, live, cut, locked],
  );
}

/** The cell as a trellis; if an edge is cut, the rest turns pale. */
function TrellisThumbnail({
  width = 88,
  height = 44,
  fluid = false,
  ...props
}: ThumbnailProps & TrellisSize) {
  const parts = useEdgeGroups(props);
  const picture = useMemo(
    () => trellisPaths(props.graph, parts, width, height),
    [props.graph, parts, width, height],
  );
  return (
    <svg
      className={clsx(styles.thumb, fluid && styles.fluid)}
      data-testid="thumbnail"
      viewBox={`0 0 ${width} ${height}`}
      width={width}
      height={height}
      aria-hidden="true"
    >
      <path className={parts.cut ? styles.quiet : styles.live} d={picture.live} />
      <path className={styles.locked} d={picture.locked} />
      <path className={styles.cut} d={picture.cut} />
      {picture.dots.map((dot) => (
        <circle
          key={dot.id}
          className={clsx(styles.dot, dot.gone && styles.gone)}
          cx={dot.x}
          cy={dot.y}
          r={dot.gone ? 1.1 : 1.7}
        />
      ))}
    </svg>
  );
}

/** The cell as an upper triangular matrix. */
function MatrixThumbnail({ size = 36, ...props }: ThumbnailProps & { size?: number }) {
  const parts = useEdgeGroups(props);
  const picture = useMemo(() => trianglePaths(props.graph, parts, size), [props.graph, parts, size]);
  return (
    <svg
      className={styles.triangle}
      viewBox={`0 0 ${size} ${size}`}
      width={size}
      height={size}
      aria-hidden="true"
    >
      <path className={styles.live} d={picture.live} />
      <path className={styles.gone} d={picture.gone} />
      <path className={styles.locked} d={picture.locked} />
      <path className={styles.cut} d={picture.cut} />
    </svg>
  );
}

/** Edges of the whole graph; giving each of more than these its wire would take longer than a frame. */
const MOST_ON_WIRES = 1_000;

interface CellThumbnailProps extends ThumbnailProps, TrellisSize {
  /** by default the more readable of the two: a trellis for sparse cells, a matrix for dense ones */
  form?: "trellis" | "matrix" | undefined;
  /** blocks of a chain that stand out */
  marked?: ReadonlySet<number> | undefined;
}

/** A cell; a chain is drawn as its blocks. */
export function CellThumbnail({
  width = 88,
  height = 44,
  fluid = false,
  form,
  marked,
  ...props
}: CellThumbnailProps) {
  const { graph, live } = props;
  if (isChain(graph.nodes))
    return <ChainThumbnail graph={presentIn(graph, live)} {...{ width, height, fluid, marked }} />;
  if ((form ?? readableForm(graph, live)) === "matrix") return <MatrixThumbnail {...props} size={height} />;
  return <TrellisThumbnail {...props} width={width} height={height} fluid={fluid} />;
}

function readableForm(graph: DagGraph, live: ReadonlySet<string> | undefined): "trellis" | "matrix" {
  const { nodes, edges } = graph;
  const active = live?.size ?? edges.length;
  return edges.length > MOST_ON_WIRES || (isDense(graph) && active > nodes.length * 2) ? "matrix" : "trellis";
}

/** The nodes that an active edge reaches. */
function presentIn(graph: DagGraph, live: ReadonlySet<string> | undefined): DagGraph {
  if (!live) return graph;
  const edges = graph.edges.filter(({ id }) => live.has(id));
  const reached = new Set(edges.flatMap(({ source, target }) => [source, target]));
  return { nodes: graph.nodes.filter(({ id }) => reached.has(id)), edges };
}
