// The layered drawing with its controls: search by name, zoom, exports, and a line that describes what is selected.
import { type KeyboardEvent, useEffect, useId, useLayoutEffect, useMemo, useRef, useState } from "react";
import { formatPercent } from "../../format/numbers";
import { useElementSize } from "../../ui/useElementSize";
import type { Scene, Target } from "../graph";
import { LayeredCanvas } from "./canvas";
import { fileName, save, toPng, toSvg } from "./export";
import { findNodes } from "./find";
import { followGestures } from "./gestures";
import type { LayeredGraph } from "./graph";
import styles from "./layered.module.css";
import { walk } from "./navigation";

interface LayeredViewProps {
  graph: LayeredGraph;
  /** how the parts look; null: all alike */
  scene: Omit<Scene, "focus"> | null;
  /** under the pointer, else selected */
  focus: Target | null;
  /** selected: brought into view when it changes */
  chosen: Target | null;
  label: string;
  /** a target in words */
  describe: (target: Target) => string;
  onHover: (target: Target | null) => void;
  onPick: (target: Target | null) => void;
  /** any key that the drawing does not use; returns whether it had an effect */
  onKey?: (key: string) => boolean;
  /** offers to save the drawing under this name */
  exportName?: string;
}

const ZOOM_STEP = 1.25;
const PAN_STEP = 60;
const PANS: Record<string, readonly [dx: number, dy: number]> = {
  ArrowRight: [-PAN_STEP, 0],
  ArrowLeft: [PAN_STEP, 0],
  ArrowDown: [0, -PAN_STEP],
  ArrowUp: [0, PAN_STEP],
};

export function LayeredView({
  graph,
  scene,
  focus,
  chosen,
  label,
  describe,
  onHover,
  onPick,
  onKey = () => false,
  exportName,
}: LayeredViewProps) {
  const [box, size] = useElementSize<HTMLDivElement>();
  const canvas = useRef<HTMLCanvasElement>(null);
  const drawing = useRef<LayeredCanvas>(null);
  const [percent, setPercent] = useState(100);
  const [text, setText] = useState("");
  const [problem, setProblem] = useState("");
  const found = useMemo(() => findNodes(graph, text), [graph, text]);
  const id = useId();
  const calls = useRef({ onHover, onPick });
  calls.current = { onHover, onPick };

  useLayoutEffect(() => {
    const [element, host] = [canvas.current, box.current];
    if (!element || !host) return;
    const made = new LayeredCanvas(element, host, (scale) => setPercent(Math.round(scale * 100)));
    drawing.current = made;
    const stop = followGestures(element, {
      pan: (dx, dy) => made.pan(dx, dy),
      zoom: (factor, at) => made.zoom(factor, at),
      hover: (at) => {
        const target = at && made.hit(at);
        element.style.cursor = target === null ? "grab" : "pointer";
        calls.current.onHover(target);
      },
      pick: (at, coarse) => calls.current.onPick(made.hit(at, coarse)),
      wheelZooms: (event) => event.ctrlKey || event.metaKey || document.activeElement === element,
    });
    return () => {
      stop();
      made.destroy();
      drawing.current = null;
    };
  }, [box]);
  const [edges, nodes, pale] = [scene?.edges, scene?.nodes, scene?.pale];
  useLayoutEffect(() => {
    drawing.current?.update(
      graph,
      edges && nodes ? { edges, nodes, focus: null, pale: pale === true } : null,
    );
  }, [graph, edges, nodes, pale]);
  useLayoutEffect(() => drawing.current?.resize(size), [size]);
  useLayoutEffect(() => drawing.current?.highlight(focus), [focus]);
  useEffect(() => {
    if (chosen !== null && size.width > 0) drawing.current?.reveal(chosen);
  }, [chosen, size]);
  useEffect(() => drawing.current?.mark(found), [found]);

  /** The next or previous node that was found; from the selected one, if it is one of them. */
  const goTo = (by: 1 | -1) => {
    const at = found.indexOf(Number(chosen));
    const node = found[at < 0 ? (by > 0 ? 0 : found.length - 1) : (at + by + found.length) % found.length];
    if (node === undefined) return;
    onPick(String(node));
    drawing.current?.centre(node);
  };

  const press = (event: KeyboardEvent): boolean => {
    const made = drawing.current;
    const { key } = event;
    const shift = PANS[key];
    if (!made) return false;
    if (shift && event.shiftKey) made.pan(...shift);
    else if (key === "+" || key === "=") made.zoom(ZOOM_STEP);
    else if (key === "-") made.zoom(1 / ZOOM_STEP);
    else if (key === "0") made.fit();
    else if (/^n$/i.test(key) && found.length > 0) goTo(event.shiftKey ? -1 : 1);
    else {
      // From the selection, wherever the pointer rests.
      const to = made.layout && walk(graph, made.layout, chosen ?? focus, key);
      if (to === null) return onKey(key);
      onPick(to);
    }
    return true;
  };

  const exportAs = async (extension: "svg" | "png") => {
    const current = drawing.current?.current;
    if (!current || exportName === undefined) return;
    setProblem("");
    try {
      const blob =
        extension === "svg"
          ? new Blob([toSvg(current, exportName)], { type: "image/svg+xml" })
          : await toPng(current);
      save(blob, fileName(exportName, extension));
    } catch (error) {
      setProblem(error instanceof Error ? error.message : "The drawing could not be saved.");
    }
  };

  const at = found.indexOf(Number(chosen));
  return (
    <div className={styles.view}>
      <div className={styles.tools}>
        <search className={styles.search}>
          <input
            type="search"
            aria-label="Find a node by its operation or name"
            placeholder="Find: conv, 3x3, node3…"
            value={text}
            onChange={(event) => setText(event.target.value)}
            onKeyDown={(event) => {
              if (event.key !== "Enter") return;
              event.preventDefault();
              goTo(event.shiftKey ? -1 : 1);
            }}
          />
          {text.trim() !== "" && (
            <>
              <output className={styles.count}>
                {found.length === 0
                  ? "none"
                  : at < 0
                    ? `${found.length} found`
                    : `${at + 1} of ${found.length}`}
              </output>
              <button
                type="button"
                className="btn small quiet"
                aria-label="Previous node found"
                disabled={found.length === 0}
                onClick={() => goTo(-1)}
              >
                ‹
              </button>
              <button
                type="button"
                className="btn small quiet"
                aria-label="Next node found"
                disabled={found.length === 0}
                onClick={() => goTo(1)}
              >
                ›
              </button>
            </>
          )}
        </search>
        <fieldset className={styles.zoom}>
          <legend className="sr">Zoom</legend>
          <button
            type="button"
            className="btn small quiet"
            aria-label="Zoom out"
            onClick={() => drawing.current?.zoom(1 / ZOOM_STEP)}
          >
            −
          </button>
          <span className={styles.percent}>{formatPercent(percent / 100, 0)}</span>
          <button
            type="button"
            className="btn small quiet"
            aria-label="Zoom in"
            onClick={() => drawing.current?.zoom(ZOOM_STEP)}
          >
            +
          </button>
          <button type="button" className="btn small quiet" onClick={() => drawing.current?.fit()}>
            Fit
          </button>
        </fieldset>
        {exportName !== undefined && (
          <fieldset className={styles.zoom}>
            <legend className="sr">Save the drawing</legend>
            <button type="button" className="btn small quiet" onClick={() => void exportAs("svg")}>
              Save SVG
            </button>
            <button type="button" className="btn small quiet" onClick={() => void exportAs("png")}>
              Save PNG
            </button>
          </fieldset>
        )}
      </div>
      <div className={styles.stage} ref={box}>
        {/* biome-ignore lint/a11y/noInteractiveElementToNoninteractiveRole: arrow keys move along edges, which no native control does */}
        <canvas
          ref={canvas}
          className={styles.canvas}
          role="application"
          aria-label={label}
          aria-describedby={id}
          tabIndex={0}
          onKeyDown={(event) => {
            if (event.ctrlKey || event.metaKey || event.altKey) return;
            if (press(event)) event.preventDefault();
          }}
        />
      </div>
      <p className={styles.status} id={id} role="status">
        {problem || (focus !== null && describe(focus)) || HINT}
      </p>
    </div>
  );
}

const HINT =
  "Drag to move. Zoom with + and −, or with the wheel after a click. Arrow keys move along edges, 0 shows everything.";
