// A chain that only shows: with words where there is room, and as a thumbnail without.
import clsx from "clsx";
import { useMemo } from "react";
import { useElementSize } from "../../ui/useElementSize";
import type { DagGraph } from "../graph";
import { Layers, Links } from "./Blocks";
import {
  blockName,
  blocksOf,
  describeBlock,
  describeChain,
  isBlock,
  shortOperation,
  shortSize,
} from "./blocks";
import styles from "./chain.module.css";
import { DRAWING, fullWidth, layoutChain, PLAN, type PlacedBlock, THUMBNAIL } from "./layout";

interface ChainPictureProps {
  graph: DagGraph;
  /** with the kernel, the width and the depth of each block in words */
  words: boolean;
  /** another chain, whose scale it shares */
  scaledLike?: DagGraph | undefined;
  className?: string | undefined;
}

export function ChainPicture({ graph, words, scaledLike, className }: ChainPictureProps) {
  const [box, { width, height }] = useElementSize<HTMLDivElement>();
  const layout = useMemo(() => {
    const full = fullWidth(blocksOf([...graph.nodes, ...(scaledLike?.nodes ?? [])]));
    return layoutChain(blocksOf(graph.nodes), { width, height }, words ? DRAWING : PLAN, { full });
  }, [graph, scaledLike, width, height, words]);
  return (
    <div className={clsx(styles.picture, words && styles.worded, className)} ref={box}>
      {width > 0 && (
        <svg
          role="img"
          className={styles.chain}
          aria-label={speakChain(graph)}
          style={{ height: layout.height }}
          data-still
        >
          <Links layout={layout} />
          {layout.places.map((place) => (
            <StaticBlock key={place.block.id} place={place} below={words ? layout.reach / 2 : null} />
          ))}
        </svg>
      )}
    </div>
  );
}

/** `below`: where its words begin; null: without words. */
function StaticBlock({ place, below }: { place: PlacedBlock; below: number | null }) {
  const { block, x, y, left, room } = place;
  const middle = left + room / 2 - x;
  return (
    <g
      className={clsx(styles.block, block.op === "input" && styles.input)}
      data-node={block.id}
      style={{ transform: `translate(${x}px, ${y}px)` }}
    >
      <Layers place={place} />
      {below !== null && (
        <>
          <text className={styles.name} x={middle} y={below + 14}>
            {block.op === "stem" || block.op === "input" ? block.op : block.id}
          </text>
          <text x={middle} y={below + 28}>
            {block.op === "input" ? "" : shortOperation(block)}
          </text>
          <text x={middle} y={below + 42}>
            {shortSize(block)}
          </text>
        </>
      )}
    </g>
  );
}

/** "Chain of 4 blocks, 9 layers: stem, kernel 3, 16 channels; block 2, …" */
export function speakChain({ nodes }: DagGraph): string {
  const blocks = nodes.filter(isBlock).map((node) => `${blockName(node)}, ${describeBlock(node)}`);
  return `Chain of ${describeChain(nodes)}: ${blocks.join("; ")}`;
}

interface ChainThumbnailProps {
  graph: DagGraph;
  width: number;
  height: number;
  fluid: boolean;
  /** blocks that stand out */
  marked?: ReadonlySet<number> | undefined;
}

export function ChainThumbnail({ graph, width, height, fluid, marked }: ChainThumbnailProps) {
  const layout = useMemo(
    () => layoutChain(blocksOf(graph.nodes), { width, height }, THUMBNAIL),
    [graph, width, height],
  );
  return (
    <svg
      className={clsx(styles.thumb, fluid && styles.fluid)}
      data-testid="thumbnail"
      viewBox={`0 0 ${width} ${height}`}
      width={width}
      height={height}
      aria-hidden="true"
      data-still
    >
      <Links layout={layout} />
      {layout.places.map((place) => (
        <g
          key={place.block.id}
          className={clsx(styles.block, marked?.has(place.block.id) && styles.marked)}
          style={{ transform: `translate(${place.x}px, ${place.y}px)` }}
        >
          <Layers place={place} />
        </g>
      ))}
    </svg>
  );
}
