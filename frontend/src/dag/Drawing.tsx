// React components around the drawings: they measure the box and handle pointer and keyboard for trellis and matrix.
import clsx from "clsx";
import {
  type KeyboardEvent,
  type MouseEvent,
  type PointerEvent,
  useEffect,
  useId,
  useLayoutEffect,
  useRef,
} from "react";
import { useElementSize } from "../ui/useElementSize";
import { isChain } from "./chain/blocks";
import { ChainDrawing } from "./chain/ChainDrawing";
import styles from "./drawing.module.css";
import type { DagGraph, DrawingProps, Target } from "./graph";
import { Matrix } from "./matrix";
import { nextTarget } from "./navigation";
import { Trellis } from "./trellis";

/** The trellis; a chain is drawn as its blocks. `side`: the height of the input in pixels, if it is known. */
export function CellDrawing({ side, ...props }: DrawingProps & { side: number | null }) {
  return isChain(props.graph.nodes) ? <ChainDrawing {...props} side={side} /> : <TrellisDrawing {...props} />;
}

function TrellisDrawing({ graph, scene, label, onHover, onPick, onWalk = onPick, onKey }: DrawingProps) {
  const [box, size] = useElementSize<HTMLDivElement>();
  const svg = useRef<SVGSVGElement>(null);
  const drawing = useRef<Trellis>(null);
  const prefix = useId();

  useLayoutEffect(() => {
    if (!svg.current) return;
    const trellis = new Trellis(svg.current, prefix);
    drawing.current = trellis;
    return () => {
      trellis.destroy();
      drawing.current = null;
    };
  }, [prefix]);
  useLayoutEffect(() => drawing.current?.build(graph), [graph]);
  useLayoutEffect(() => drawing.current?.layout(size), [size]);
  useLayoutEffect(() => drawing.current?.update(scene), [scene]);

  // The pointer type of the last press: not every browser reports it on click.
  const coarse = useRef(false);
  const under = (event: PointerEvent | MouseEvent) => {
    const rect = svg.current?.getBoundingClientRect();
    const { clientX: x, clientY: y } = event;
    const near = rect ? drawing.current?.hit(x - rect.left, y - rect.top, coarse.current) : null;
    return nodeUnder(event.target) ?? near ?? targetOf(event.target);
  };
  return (
    <div className={styles.drawing} ref={box}>
      {/* role="application": arrow keys move along edges, which no native control does. */}
      <svg
        ref={svg}
        className={styles.svg}
        role="application"
        aria-label={label}
        aria-activedescendant={scene.focus ? `${prefix}-${scene.focus}` : undefined}
        // biome-ignore lint/a11y/noNoninteractiveTabindex: an application takes the keyboard
        tabIndex={0}
        onPointerDown={(event) => {
          coarse.current = event.pointerType === "touch";
        }}
        onPointerMove={(event) => event.pointerType === "mouse" && onHover(under(event))}
        onPointerLeave={() => onHover(null)}
        onClick={(event) => onPick(under(event))}
        onKeyDown={(event) => handleKey(event, graph, scene.focus, onWalk, onKey)}
      />
    </div>
  );
}

export function MatrixDrawing({ graph, scene, label, onHover, onPick, onKey }: DrawingProps) {
  const [box, size] = useElementSize<HTMLDivElement>();
  const svg = useRef<SVGSVGElement>(null);
  const drawing = useRef<Matrix>(null);
  const prefix = useId();
  const byKey = useRef(false);

  useLayoutEffect(() => {
    if (!svg.current) return;
    const matrix = new Matrix(svg.current, prefix);
    drawing.current = matrix;
    return () => {
      matrix.destroy();
      drawing.current = null;
    };
  }, [prefix]);
  useLayoutEffect(() => drawing.current?.build(graph, size), [graph, size]);
  useLayoutEffect(() => drawing.current?.update(scene), [scene]);
  useEffect(() => {
    if (byKey.current && scene.focus) drawing.current?.focus(scene.focus);
    byKey.current = false;
  }, [scene.focus]);

  return (
    <div className={styles.drawing} ref={box}>
      <svg
        ref={svg}
        className={styles.svg}
        aria-label={label}
        onPointerMove={(event) => event.pointerType === "mouse" && onHover(targetOf(event.target))}
        onPointerLeave={() => onHover(null)}
        onClick={(event) => onPick(targetOf(event.target))}
        onKeyDown={(event) => {
          byKey.current = true;
          handleKey(event, graph, scene.focus ?? targetOf(event.target), onPick, onKey);
        }}
      />
    </div>
  );
}

/** A small matrix shown with the trellis: the same selection, no keyboard handling. */
export function MatrixInset({ graph, scene, onHover, onPick }: Omit<DrawingProps, "label" | "onKey">) {
  const [box, size] = useElementSize<HTMLDivElement>();
  const svg = useRef<SVGSVGElement>(null);
  const drawing = useRef<Matrix>(null);
  useLayoutEffect(() => {
    if (!svg.current) return;
    const matrix = new Matrix(svg.current, "inset", true);
    drawing.current = matrix;
    return () => matrix.destroy();
  }, []);
  useLayoutEffect(() => drawing.current?.build(graph, size), [graph, size]);
  useLayoutEffect(() => drawing.current?.update(scene), [scene]);
  return (
    <div className={styles.drawing} ref={box}>
      <svg
        ref={svg}
        className={clsx(styles.svg, styles.mini)}
        aria-hidden="true"
        onPointerMove={(event) => event.pointerType === "mouse" && onHover(targetOf(event.target))}
        onPointerLeave={() => onHover(null)}
        onClick={(event) => onPick(targetOf(event.target))}
      />
    </div>
  );
}

function targetOf(target: EventTarget | null): Target | null {
  const element = target instanceof Element ? target.closest("[data-edge], [data-cell]") : null;
  return element?.getAttribute("data-edge") ?? element?.getAttribute("data-cell") ?? nodeUnder(target);
}

function nodeUnder(target: EventTarget | null): Target | null {
  const element = target instanceof Element ? target.closest("[data-node]") : null;
  return element?.getAttribute("data-node") ?? null;
}

function handleKey(
  event: KeyboardEvent,
  graph: DagGraph,
  focus: Target | null,
  onWalk: (target: Target) => void,
  onKey: (key: string) => boolean,
): void {
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  const to = nextTarget(graph, focus, event.key);
  if (to !== null) onWalk(to);
  if (to !== null || onKey(event.key)) event.preventDefault();
}
