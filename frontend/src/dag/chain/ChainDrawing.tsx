// A chain as a chain: each block as high as it is wide in channels and as long as it has layers, with a waist at its
// bottleneck. A block that an edit changes swells or shrinks.
import clsx from "clsx";
import { type KeyboardEvent, useId, useLayoutEffect, useMemo, useRef } from "react";
import { useElementSize } from "../../ui/useElementSize";
import { type ChainChange, type DrawingProps, type NodeAppearance, nodeNumber, type Target } from "../graph";
import { clock, padlock } from "../svg";
import { Layers, Links } from "./Blocks";
import { blockOf, blocksOf, shortOperation, shortSize, strideWords } from "./blocks";
import styles from "./chain.module.css";
import { type ChainLayout, DRAWING, layoutChain, type PlacedBlock, slicePath } from "./layout";

interface ChainDrawingProps extends DrawingProps {
  /** the height of the input in pixels, if it is known */
  side: number | null;
}

export function ChainDrawing(props: ChainDrawingProps) {
  const { graph, scene, label, side, onHover, onPick, onWalk = onPick, onKey } = props;
  const [box, { width, height }] = useElementSize<HTMLDivElement>();
  const prefix = useId();
  const ranks = useMemo(() => new Map(graph.nodes.map(({ id, rank }) => [id, rank])), [graph]);
  const present = useMemo(
    () =>
      scene.nodes
        .filter(({ removed }) => !removed)
        .map((node) => ({ ...node, rank: ranks.get(node.id) ?? node.id })),
    [scene.nodes, ranks],
  );
  const layout = useMemo(
    () => layoutChain(blocksOf(present), { width, height }, DRAWING, { side }),
    [present, width, height, side],
  );
  const looks = new Map(present.map((node) => [node.id, node]));
  const order = layout.places.map(({ block }) => block.id);
  const focus = blockInFocus(scene.focus);
  const still = useStillness(width, height);
  const { change = null } = scene;
  return (
    <div className={styles.drawing}>
      <div className={styles.stage} ref={box}>
        {/* role="application": arrow keys move along the blocks, which no native control does. */}
        <svg
          className={styles.chain}
          style={{ height: layout.height }}
          role="application"
          aria-label={label}
          aria-activedescendant={focus === null ? undefined : `${prefix}-${focus}`}
          // biome-ignore lint/a11y/noNoninteractiveTabindex: an application takes the keyboard
          tabIndex={0}
          data-pale={scene.pale}
          data-still={still}
          onPointerMove={(event) => event.pointerType === "mouse" && onHover(blockUnder(event))}
          onPointerLeave={() => onHover(null)}
          onClick={(event) => onPick(blockUnder(event))}
          onKeyDown={(event) => handleKey(event, order, focus, onWalk, onKey)}
        >
          {width > 0 && (
            <>
              <Links layout={layout} />
              <Resolutions layout={layout} />
              {layout.places.map((place) => (
                <InteractiveBlock
                  key={place.block.id}
                  id={`${prefix}-${place.block.id}`}
                  place={place}
                  look={looks.get(place.block.id)}
                  on={place.block.id === focus}
                  change={change}
                  layout={layout}
                />
              ))}
            </>
          )}
        </svg>
      </div>
      {change && (
        <p className={styles.caption} data-by={change.by}>
          {change.words}
        </p>
      )}
    </div>
  );
}

/** Whether the size has changed since the drawing before: then nothing moves by itself. */
function useStillness(width: number, height: number): boolean {
  const last = useRef("");
  const size = `${width} ${height}`;
  const still = last.current !== size;
  useLayoutEffect(() => {
    last.current = size;
  }, [size]);
  return still;
}

interface InteractiveBlockProps {
  id: string;
  place: PlacedBlock;
  look: NodeAppearance | undefined;
  on: boolean;
  change: ChainChange | null;
  layout: ChainLayout;
}

function InteractiveBlock({ id, place, look, on, change, layout: { reach, scale } }: InteractiveBlockProps) {
  const { block, x, y, slice, half, waist, left, room, side } = place;
  const length = block.layers * slice;
  const middle = left + room / 2 - x;
  const high = Math.max(half, waist);
  const label = [look?.label, side !== null && `output ${side} px`].filter(Boolean).join(", ");
  const below = reach / 2;
  return (
    // biome-ignore lint/a11y/noInteractiveElementToNoninteractiveRole: the drawing takes the keyboard, not its blocks
    <g
      className={clsx(styles.block, look?.locked && styles.locked, block.op === "input" && styles.input)}
      role="img"
      id={id}
      aria-label={label}
      data-node={block.id}
      data-on={on}
      data-state={look?.locked ? "locked" : "active"}
      style={{ transform: `translate(${x}px, ${y}px)` }}
    >
      <rect className={styles.hit} x={left - x} y={-below} width={room} height={reach + DRAWING.below} />
      <Layers place={place} />
      {look?.locked && <path className={styles.inner} d={slicePath(length - 1, half + 3.5, waist + 3.5)} />}
      <text className={styles.name} x={middle} y={below + 14}>
        {block.op === "stem" || block.op === "input" ? block.op : block.id}
      </text>
      <text x={middle} y={below + 28}>
        {block.op === "input" ? (side === null ? "" : `${side} px`) : shortOperation(block)}
      </text>
      <text x={middle} y={below + 42}>
        {shortSize(block)}
      </text>
      <ChangeMark place={place} change={change} {...{ reach, scale }} />
      {look?.locked && <Mark make={padlock} x={length} y={-high} />}
      {look?.pending && <Mark make={clock} x={0} y={-high} />}
    </g>
  );
}

interface ChangeMarkProps extends Pick<ChainLayout, "reach" | "scale"> {
  place: PlacedBlock;
  change: ChainChange | null;
}

/** What the block was before the step, or would become by the candidate, as a dashed outline, under a mark. */
function ChangeMark({ place, change, ...size }: ChangeMarkProps) {
  const { block, half, waist, slice, x, left, room } = place;
  const other = change?.others.get(block.id);
  if (!change || other === undefined) return null;
  const top = -Math.max(half, waist) - 7;
  const middle = left + room / 2 - x;
  return (
    <g className={styles.change} data-by={change.by} data-mark={other === null ? "other" : "changed"}>
      {other && <Outline op={other.op} attrs={other.attrs ?? {}} slice={slice} {...size} />}
      {other === null && change.by === "candidate" && (
        <path className={styles.ghost} d={`M-4 ${-half}L${block.layers * slice + 4} ${half}`} />
      )}
      <path className={styles.pointer} d={`M${middle - 5} ${top - 7}h10l-5 6z`} />
    </g>
  );
}

/** Of the height of the drawing: a candidate may be wider than its scale. */
const MOST_OUTLINED = 0.55;

interface OutlineProps extends Pick<ChainLayout, "reach" | "scale"> {
  op: string;
  attrs: NonNullable<NodeAppearance["attrs"]>;
  slice: number;
}

function Outline({ op, attrs, slice, reach, scale }: OutlineProps) {
  const { filters, bottleneck, layers } = blockOf({ id: 0, op, attrs });
  const halfOf = (channels: number) => Math.min(reach * MOST_OUTLINED, scale * Math.sqrt(channels));
  const half = halfOf(filters ?? 1);
  const d = slicePath(slice - 1, half, bottleneck === null ? half : halfOf(bottleneck));
  return Array.from({ length: layers }, (_, i) => (
    // biome-ignore lint/suspicious/noArrayIndexKey: layers have no other name than their place
    <path className={styles.ghost} key={i} d={d} transform={`translate(${i * slice} 0)`} />
  ));
}

/** Where the resolution changes, in words. */
function Resolutions({ layout }: { layout: ChainLayout }) {
  return layout.places
    .filter(({ block }) => block.stride > 1)
    .map(({ block, left, x, y, top, side }) => {
      const at = Math.min(left, x) - 4;
      return (
        <g className={styles.stride} key={block.id} data-stride={block.id}>
          <path d={`M${at} ${top + 8}V${y + layout.reach / 2 + 4}`} />
          <text x={at + 4} y={top + 16}>
            {strideWords(block)}
          </text>
          {side !== null && (
            <text x={at + 4} y={top + 28}>
              {side} px
            </text>
          )}
        </g>
      );
    });
}

/** A mark of the trellis. */
function Mark({ make, x, y }: { make: () => SVGGElement; x: number; y: number }) {
  const group = useRef<SVGGElement>(null);
  useLayoutEffect(() => group.current?.replaceChildren(make()), [make]);
  return <g ref={group} transform={`translate(${x} ${y})`} />;
}

function blockUnder({ target }: { target: EventTarget | null }): Target | null {
  const element = target instanceof Element ? target.closest("[data-node]") : null;
  return element?.getAttribute("data-node") ?? null;
}

/** The block of a target; an edge is that of its end. */
function blockInFocus(focus: Target | null): number | null {
  return nodeNumber(focus?.split("-").at(-1) ?? null);
}

const STEPS: Record<string, number> = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 };

/** The block that an arrow key leads to, also from one row to the next; null for other keys. */
export function nextBlock(order: readonly number[], focus: number | null, key: string): number | null {
  const last = order.length - 1;
  if (last < 0) return null;
  if (key === "Home") return order[0] ?? null;
  if (key === "End") return order[last] ?? null;
  const step = STEPS[key];
  if (step === undefined) return null;
  const at = focus === null ? -1 : order.indexOf(focus);
  return order[at < 0 ? 0 : Math.min(last, Math.max(0, at + step))] ?? null;
}

function handleKey(
  event: KeyboardEvent,
  order: readonly number[],
  focus: number | null,
  onWalk: (target: Target) => void,
  onKey: (key: string) => boolean,
): void {
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  const to = nextBlock(order, focus, event.key);
  if (to !== null) onWalk(String(to));
  if (to !== null || onKey(event.key)) event.preventDefault();
}
