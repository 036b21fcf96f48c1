// A tour of the page of a search: a small panel beside the part that it is about, which has a ring. The page stays as it is
// and can be used meanwhile. Steps whose part is not on the page are left out.
import { type RefObject, useEffect, useId, useLayoutEffect, useRef, useState } from "react";
import { formatInteger } from "../format/numbers";
import { placeBeside } from "./place";
import { STEPS, type TourStep, targetOf } from "./steps";
import styles from "./tour.module.css";

const RING = 6; // pixels around the element, if they are in the window

const isPresent = (step: TourStep) => targetOf(step) !== null;

interface TourProps {
  /** takes the focus, because it was asked for; else only where nothing has it */
  focused: boolean;
  onLeave: () => void;
}

export default function Tour(props: TourProps) {
  const [step, setStep] = useState<TourStep | null>(null);
  // The page of a search is put together while its log arrives: its cell comes with all that depends on it.
  useEffect(() => {
    if (step) return;
    const [first] = STEPS;
    const look = () => setStep(isPresent(first) ? first : null);
    look();
    const seen = new MutationObserver(look);
    seen.observe(document.body, { childList: true, subtree: true });
    return () => seen.disconnect();
  }, [step]);
  return step && <Panel {...props} step={step} onStep={setStep} />;
}

interface PanelProps extends TourProps {
  step: TourStep;
  onStep: (step: TourStep) => void;
}

function Panel({ step, focused, onStep, onLeave }: PanelProps) {
  const panel = useRef<HTMLElement>(null);
  const text = useId();
  const present = STEPS.filter((each) => each === step || isPresent(each));
  const at = present.indexOf(step);
  const [before, after] = [present[at - 1], present[at + 1]];
  useRing(step, panel);
  useEffect(() => {
    if (focused || isFree(document.activeElement)) panel.current?.focus({ preventScroll: true });
  }, [focused]);
  const leave = () => {
    const within = panel.current?.contains(document.activeElement);
    if (within) document.getElementById("main")?.focus({ preventScroll: true });
    onLeave();
  };
  const latest = useRef(leave);
  latest.current = leave;
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      // Elsewhere Escape is for what has the focus.
      const ours = isFree(document.activeElement) || panel.current?.contains(document.activeElement);
      if (event.key === "Escape" && !event.defaultPrevented && ours) latest.current();
    };
    document.addEventListener("keydown", onKey);
    return () => document.removeEventListener("keydown", onKey);
  }, []);
  return (
    <section className={styles.panel} ref={panel} tabIndex={-1} aria-label="Tour" aria-describedby={text}>
      <div id={text} aria-live="polite">
        <h2>{step.title}</h2>
        <p>{step.text}</p>
      </div>
      <div className={styles.buttons}>
        <span className="sub">
          {formatInteger(at + 1)} of {formatInteger(present.length)}
        </span>
        <button type="button" className="btn small quiet" onClick={leave}>
          Leave the tour
        </button>
        {before && (
          <button type="button" className="btn small" onClick={() => onStep(before)}>
            Back
          </button>
        )}
        {/* One button, so that the focus stays where it is. */}
        <button type="button" className="btn small solid" onClick={() => (after ? onStep(after) : leave())}>
          {after ? "Next" : "Done"}
        </button>
      </div>
    </section>
  );
}

/** Nothing on the page has the focus. */
function isFree(element: Element | null): boolean {
  return element === null || element === document.body || element.id === "main";
}

/** Marks the element of a step, scrolls it into view, and keeps the panel beside it. */
function useRing(step: TourStep, panel: RefObject<HTMLElement | null>): void {
  useLayoutEffect(() => {
    let marked: HTMLElement | null = null;
    const place = () => {
      const target = targetOf(step);
      if (target !== marked) {
        if (marked) delete marked.dataset.tour;
        if (target) target.dataset.tour = target.getBoundingClientRect().left > RING ? "beside" : "edge";
        marked = target;
      }
      const box = panel.current;
      if (!target || !box) return;
      const { clientWidth: width, clientHeight: height } = document.documentElement;
      const { left, top } = placeBeside(target.getBoundingClientRect(), box.getBoundingClientRect(), {
        width,
        height,
      });
      box.style.left = `${left}px`;
      box.style.top = `${top}px`;
    };
    show(targetOf(step));
    place();
    const sizes = new ResizeObserver(place);
    sizes.observe(document.body);
    if (panel.current) sizes.observe(panel.current);
    window.addEventListener("scroll", place, true);
    window.addEventListener("resize", place);
    return () => {
      sizes.disconnect();
      window.removeEventListener("scroll", place, true);
      window.removeEventListener("resize", place);
      if (marked) delete marked.dataset.tour;
    };
  }, [step, panel]);
}

/** At once: a page that moves by itself is hard to follow. */
function show(element: HTMLElement | null): void {
  if (!element) return;
  const { top, bottom } = element.getBoundingClientRect();
  if (top < 0 || bottom > document.documentElement.clientHeight) element.scrollIntoView({ block: "center" });
}
