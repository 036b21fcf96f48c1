// A term with its definition: a button that opens a small dialog. Click, tap, Enter and Space open it; Escape, a click
// elsewhere, leaving it with Tab and scrolling close it.
import clsx from "clsx";
import { type ReactNode, useEffect, useId, useLayoutEffect, useRef, useState } from "react";
import { GLOSSARY, type TermName } from "./glossary";
import styles from "./term.module.css";

interface TermProps {
  name: TermName;
  /** the term as the sentence writes it; without it a question mark is shown */
  children?: ReactNode;
}

const GAP = 6;
const MARGIN = 8;

export function Term({ name, children }: TermProps) {
  const [open, setOpen] = useState(false);
  const button = useRef<HTMLButtonElement>(null);
  const id = useId();
  const { title } = GLOSSARY[name];
  const close = (returnFocus: boolean) => {
    setOpen(false);
    if (returnFocus) button.current?.focus({ preventScroll: true });
  };
  return (
    <>
      <button
        ref={button}
        type="button"
        className={clsx(styles.term, children === undefined && styles.markOnly)}
        aria-label={children === undefined ? `Definition of ${title}` : undefined}
        aria-haspopup="dialog"
        aria-expanded={open}
        aria-controls={open ? id : undefined}
        onClick={(event) => {
          event.preventDefault(); // inside a label or summary
          setOpen(!open);
        }}
      >
        {children ?? <QuestionMark />}
      </button>
      {open && <DefinitionPopover id={id} name={name} button={button} close={close} />}
    </>
  );
}

interface DefinitionPopoverProps {
  id: string;
  name: TermName;
  button: React.RefObject<HTMLButtonElement | null>;
  close: (returnFocus: boolean) => void;
}

function DefinitionPopover({ id, name, button, close }: DefinitionPopoverProps) {
  const box = useRef<HTMLSpanElement>(null);
  const { title, text } = GLOSSARY[name];
  // In the top layer, so that no scrolling container and no modal dialog hides it.
  useLayoutEffect(() => {
    const element = box.current;
    if (!element || !button.current) return;
    element.showPopover?.();
    place(element, button.current.getBoundingClientRect());
    element.focus({ preventScroll: true });
  }, [button]);
  useClosing(box, button, close);
  return (
    <span
      ref={box}
      id={id}
      className={styles.definition}
      popover="manual"
      role="dialog"
      aria-label={title}
      tabIndex={-1}
      onKeyDown={(event) => {
        event.stopPropagation();
        if (event.key !== "Escape") return;
        event.preventDefault(); // a modal dialog around it stays open
        close(true);
      }}
    >
      <b>{title}</b>
      {text}
    </span>
  );
}

function useClosing(
  box: React.RefObject<HTMLElement | null>,
  button: React.RefObject<HTMLElement | null>,
  close: (returnFocus: boolean) => void,
): void {
  const latest = useRef(close);
  latest.current = close;
  useEffect(() => {
    const within = (target: EventTarget | null) =>
      target instanceof Node && (box.current?.contains(target) || button.current?.contains(target));
    const outside = ({ target }: Event) => {
      if (!within(target)) latest.current(false);
    };
    const moved = () => latest.current(box.current?.contains(document.activeElement) ?? false);
    document.addEventListener("pointerdown", outside, true);
    document.addEventListener("focusin", outside);
    window.addEventListener("scroll", moved, true);
    window.addEventListener("resize", moved);
    return () => {
      document.removeEventListener("pointerdown", outside, true);
      document.removeEventListener("focusin", outside);
      window.removeEventListener("scroll", moved, true);
      window.removeEventListener("resize", moved);
    };
  }, [box, button]);
}

/** Below the term, or above it if there is no room; never beyond the window. */
function place(element: HTMLElement, at: DOMRect): void {
  const { width, height } = element.getBoundingClientRect();
  const { clientWidth, clientHeight } = document.documentElement;
  const left = Math.max(MARGIN, Math.min(at.left, clientWidth - width - MARGIN));
  const below = at.bottom + GAP;
  const top = below + height + MARGIN > clientHeight ? Math.max(MARGIN, at.top - GAP - height) : below;
  element.style.left = `${left}px`;
  element.style.top = `${top}px`;
}

function QuestionMark() {
  return (
    <svg viewBox="0 0 14 14" fill="none" stroke="currentColor" strokeWidth="1.3" aria-hidden="true">
      <circle cx="7" cy="7" r="6" />
      <path d="M5.2 5.4c0-1 .8-1.7 1.8-1.7s1.8.7 1.8 1.6c0 1.2-1.8 1.3-1.8 2.7M7 10v.6" />
    </svg>
  );
}
