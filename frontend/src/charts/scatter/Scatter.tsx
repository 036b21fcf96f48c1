// A chart of many marks: pointer, wheel and keys on the canvas, what the mark in focus is, and a way back from a part.
import clsx from "clsx";
import { type CSSProperties, type KeyboardEvent, useLayoutEffect, useMemo, useRef, useState } from "react";
import { followGestures } from "../../dag/layered/gestures";
import { useElementSize } from "../../ui/useElementSize";
import { nextMark, type Tip, type TipOf } from "../Chart";
import charts from "../charts.module.css";
import { ScatterCanvas } from "./canvas";
import type { Focus, Mark, Picture } from "./picture";
import styles from "./scatter.module.css";

export interface ScatterProps {
  picture: Picture;
  focus: Focus;
  tipOf: TipOf;
  onHover: (id: string | null) => void;
  onPick: (id: string | null) => void;
}

const [REACH, FINGER_REACH] = [8, 18];
const ZOOM_STEP = 1.5;
const PAN_STEP = 40;
const PANS: Readonly<Record<string, readonly [dx: number, dy: number]>> = {
  ArrowRight: [-PAN_STEP, 0],
  ArrowLeft: [PAN_STEP, 0],
  ArrowDown: [0, -PAN_STEP],
  ArrowUp: [0, PAN_STEP],
};

export function Scatter({ picture, focus, tipOf, onHover, onPick }: ScatterProps) {
  const [box, size] = useElementSize<HTMLDivElement>();
  const marks = useRef<HTMLDivElement>(null);
  const top = useRef<HTMLDivElement>(null);
  const surface = useRef<HTMLDivElement>(null);
  const drawing = useRef<ScatterCanvas>(null);
  const [isPart, setPart] = useState(false);
  const [tip, setTip] = useState<Tip | null>(null);
  /** the key of the mark that was reached by the keyboard: a new picture has other objects */
  const [reached, setReached] = useState<string | null>(null);
  const at = useMemo(
    () => (reached === null ? null : (picture.marks.find(({ key }) => key === reached) ?? null)),
    [picture, reached],
  );
  const calls = useRef({ onHover, onPick });
  calls.current = { onHover, onPick };

  const show = (mark: Mark | null) => {
    const place = mark && drawing.current?.place(mark);
    const width = box.current?.clientWidth ?? 0;
    setTip(
      mark && place
        ? { text: tipOf(mark.key), x: place.x, y: place.y - 8, share: width > 0 ? place.x / width : 0 }
        : null,
    );
    calls.current.onHover(mark?.id ?? null);
  };
  const shows = useRef(show);
  shows.current = show;

  useLayoutEffect(() => {
    const [lower, upper, element, frame] = [marks.current, top.current, surface.current, box.current];
    if (!lower || !upper || !element || !frame) return;
    const made = new ScatterCanvas(lower, upper, element, setPart);
    drawing.current = made;
    const stop = followGestures(element, {
      pan: (dx, dy) => made.pan(dx, dy),
      zoom: (factor, place) => made.zoom(factor, place),
      hover: (place) => {
        const mark = place && made.hit(place, REACH);
        element.toggleAttribute("data-pickable", mark?.id != null);
        shows.current(mark);
      },
      pick: (place, coarse) => {
        const id = made.hit(place, coarse ? FINGER_REACH : REACH)?.id;
        if (id != null) calls.current.onPick(id);
      },
      wheelZooms: (event) => event.ctrlKey || event.metaKey || document.activeElement === frame,
    });
    return () => {
      stop();
      made.destroy();
      drawing.current = null;
    };
  }, [box]);
  useLayoutEffect(() => drawing.current?.update(picture), [picture]);
  useLayoutEffect(() => drawing.current?.resize(size), [size]);
  useLayoutEffect(() => drawing.current?.highlight(focus, at), [focus, at]);

  const press = (event: KeyboardEvent): boolean => {
    const made = drawing.current;
    if (!made || event.ctrlKey || event.metaKey || event.altKey) return false;
    const { key } = event;
    const shift = PANS[key];
    if (shift && event.shiftKey) made.pan(...shift);
    else if (key === "+" || key === "=") made.zoom(ZOOM_STEP);
    else if (key === "-") made.zoom(1 / ZOOM_STEP);
    else if (key === "0") made.showAll();
    else {
      const marks = made.inView;
      const to = nextMark(
        key,
        marks.findIndex(({ key: each }) => each === reached),
        marks.length,
      );
      if (to === null) return false;
      const mark = marks[to] ?? null;
      if (key === "Enter") onPick(mark?.id ?? null);
      else {
        setReached(mark?.key ?? null);
        show(mark);
      }
    }
    return true;
  };
  const leave = () => {
    setReached(null);
    show(null);
  };
  // A group of marks, which arrow keys go through, as in Chart.
  const group = {
    role: "group",
    "aria-label": `${picture.label}. Arrow keys go through the marks, + and − zoom, 0 shows all.`,
    tabIndex: 0,
  };
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: it is a group
    <div
      className={clsx(charts.chart, styles.scatter)}
      ref={box}
      {...group}
      onKeyDown={(event) => {
        if (event.target === event.currentTarget && press(event)) event.preventDefault();
      }}
      onBlur={leave}
    >
      <div
        className={clsx(styles.layer, focus.dims && focus.ids.size > 0 && styles.pale)}
        ref={marks}
        aria-hidden="true"
      />
      <div className={styles.layer} ref={top} aria-hidden="true" />
      <div
        className={clsx(styles.layer, styles.surface)}
        ref={surface}
        role="img"
        aria-label={picture.label}
        data-part={isPart || undefined}
      />
      {isPart && (
        <button
          type="button"
          className={clsx("btn small", styles.all)}
          onClick={() => {
            drawing.current?.showAll();
            box.current?.focus(); // the button is gone
          }}
        >
          Show all
        </button>
      )}
      <p
        className={charts.tip}
        role="status"
        style={tip ? ({ left: tip.x, top: tip.y, "--share": tip.share } as CSSProperties) : undefined}
      >
        {tip?.text}
      </p>
    </div>
  );
}
