// A static cell: the trellis of its edges, and optionally pale traces of the edges that were cut.
import clsx from "clsx";
import { useMemo } from "react";
import { plural } from "../format/text";
import { useElementSize } from "../ui/useElementSize";
import styles from "./cellPicture.module.css";
import { isChain } from "./chain/blocks";
import { ChainPicture } from "./chain/ChainPicture";
import {
  canLeave,
  type DagGraph,
  type DagNode,
  describeOperation,
  fitOpName,
  sortByRank,
  widthOf,
} from "./graph";
import { assignTracks, computeGeometry, type Geometry, layoutStyle } from "./layout";

interface CellPictureProps {
  graph: DagGraph;
  /** a graph that this one is part of: it has the same places, and its other edges are drawn as traces */
  within?: DagGraph;
  /** the edges that stand out; the others are thin */
  distinct?: ReadonlySet<string>;
  ops?: boolean;
  marked?: number | null;
  onMark?: (node: number | null) => void;
  /** thin lines, for a cell drawn small */
  thin?: boolean;
  className?: string | undefined;
}

/** A chain is drawn as its blocks. */
export function CellPicture(props: CellPictureProps) {
  const { graph, within, ops = true, className } = props;
  if (isChain(graph.nodes))
    return <ChainPicture graph={graph} words={ops} scaledLike={within} className={className} />;
  return <TrellisPicture {...props} />;
}

function TrellisPicture({
  graph,
  within,
  distinct,
  ops = true,
  marked = null,
  onMark,
  thin = false,
  className,
}: CellPictureProps) {
  const [box, size] = useElementSize<HTMLDivElement>();
  const whole = within ?? graph;
  const tracks = useMemo(() => assignTracks(whole), [whole]);
  const style = {
    ...layoutStyle(size, whole.nodes.length),
    ...(ops ? {} : { nodeHeight: 20, padLeft: 14, padRight: 14 }),
  };
  const geometry = size.width > 0 ? computeGeometry(whole, tracks, size, style) : null;
  return (
    <div className={clsx(styles.picture, thin && styles.thin, className)} ref={box}>
      {geometry && (
        <svg role="img" aria-label={describeCell(graph)} onPointerLeave={() => onMark?.(null)}>
          {within && <RemovedEdges geometry={geometry} graph={graph} whole={within} />}
          <ActiveEdges geometry={geometry} graph={graph} marked={marked} distinct={distinct} />
          {whole.nodes.map((node) => (
            <PictureNode
              key={node.id}
              node={node}
              geometry={geometry}
              alive={graph.nodes.some((each) => each.id === node.id)}
              op={ops ? node.op : null}
              leaf={ops && canLeave(node.op) && !graph.edges.some((edge) => edge.source === node.id)}
              marked={marked === node.id}
              onEnter={() => onMark?.(node.id)}
            />
          ))}
        </svg>
      )}
    </div>
  );
}

/** The complete cell that this one was cut from: all ids up to the highest, and all edges from lower to higher rank. */
export function completeGraph(graph: DagGraph): DagGraph {
  const last = Math.max(0, ...graph.nodes.map((node) => node.id));
  const alive = new Map(graph.nodes.map((node) => [node.id, node]));
  const nodes: DagNode[] = Array.from(
    { length: last + 1 },
    (_, id) => alive.get(id) ?? { id, op: "", rank: id },
  );
  const order = sortByRank(nodes);
  const edges = order.flatMap((source, i) =>
    order
      .slice(i + 1)
      .map((target) => ({ id: `${source.id}-${target.id}`, source: source.id, target: target.id })),
  );
  return { nodes: order, edges };
}

export function describeCell(graph: DagGraph): string {
  const inputs = (id: number) => graph.edges.filter((edge) => edge.target === id).map((edge) => edge.source);
  const nodes = sortByRank(graph.nodes)
    .filter((node) => inputs(node.id).length > 0)
    .map((node) => `node ${node.id} (${describeOperation(node)}) takes ${inputs(node.id).join(", ")}`);
  return `Cell of ${plural(graph.nodes.length, "node")} and ${plural(graph.edges.length, "edge")}: ${nodes.join("; ")}`;
}

function RemovedEdges({ geometry, graph, whole }: { geometry: Geometry; graph: DagGraph; whole: DagGraph }) {
  const active = new Set(graph.edges.map((edge) => edge.id));
  return (
    <g>
      {geometry.wires.map((y) => (
        <path className={styles.wire} key={y} d={`M${geometry.left} ${y}H${geometry.right}`} />
      ))}
      {whole.edges
        .filter((edge) => !active.has(edge.id))
        .map((edge) => (
          <path className={styles.trace} key={edge.id} d={geometry.runs.get(edge.id)?.d ?? ""} />
        ))}
    </g>
  );
}

function ActiveEdges({
  geometry,
  graph,
  marked,
  distinct,
}: {
  geometry: Geometry;
  graph: DagGraph;
  marked: number | null;
  distinct: ReadonlySet<string> | undefined;
}) {
  const dim = (source: number, target: number) => marked !== null && source !== marked && target !== marked;
  return (
    <g>
      {graph.edges.map((edge) => {
        const d = geometry.runs.get(edge.id)?.d ?? "";
        return (
          <g
            key={edge.id}
            className={clsx(
              dim(edge.source, edge.target) && styles.dim,
              distinct && !distinct.has(edge.id) && styles.shared,
            )}
          >
            <path className={styles.case} d={d} />
            <path className={styles.line} d={d} />
          </g>
        );
      })}
    </g>
  );
}

interface PictureNodeProps {
  node: DagNode;
  geometry: Geometry;
  alive: boolean;
  op: string | null;
  leaf: boolean;
  marked: boolean;
  onEnter: () => void;
}

function PictureNode({ node, geometry, alive, op, leaf, marked, onEnter }: PictureNodeProps) {
  const x = geometry.x.get(node.id) ?? 0;
  const { centre, nodeWidth, nodeHeight } = geometry;
  if (!alive) return <circle className={styles.gone} cx={x} cy={centre} r="3.5" />;
  const roomy = nodeWidth >= 30;
  return (
    <g className={clsx(styles.knot, marked && styles.on)} data-op={op} onPointerEnter={onEnter}>
      <rect
        className={styles.frame}
        x={x - nodeWidth / 2}
        y={centre - nodeHeight / 2}
        width={nodeWidth}
        height={nodeHeight}
        rx="4"
      />
      {op && (
        <rect
          className={styles.tint}
          x={x - nodeWidth / 2 + 3}
          y={centre + nodeHeight / 2 - 5}
          width={Math.max(1, nodeWidth - 6)}
          height="3"
          rx="1.5"
        />
      )}
      <text className={styles.ix} x={x} y={centre + (op && roomy ? -2 : 4.5)}>
        {node.id}
      </text>
      {op && roomy && (
        <text className={styles.op} x={x} y={centre + 11}>
          {fitOpName(op, nodeWidth, widthOf(node.attrs))}
        </text>
      )}
      {leaf && (
        <path
          className={styles.leaf}
          d={`M${x + nodeWidth / 2 + 3} ${centre + 2}c2-7 8-8 14-7c-1 7-7 10-14 7z`}
        />
      )}
    </g>
  );
}
