// A term with its definition: a button that opens a small dialog. Click, tap, Enter and Space open it; Escape, a click
// elsewhere, leaving it with Tab and scrolling close it.
import clsx from "clsx";
import { type ReactNode, useId, useRef, useState } from "react";
import { GLOSSARY, type TermName } from "./glossary";
import styles from "./term.module.css";
import { usePopover } from "./usePopover";

interface TermProps {
  name: TermName;
  /** the term as the sentence writes it; without it a question mark is shown */
  children?: ReactNode;
}

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
  const { title, text } = GLOSSARY[name];
  const box = usePopover<HTMLSpanElement>(button, close);
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

function QuestionMark() {
  return (
    <svg viewBox="0 0 14 14" fill="none" stroke="currentColor" strokeWidth="1.3" aria-hidden="true">
      <circle cx="7" cy="7" r="6" />
      <path d="M5.2 5.4c0-1 .8-1.7 1.8-1.7s1.8.7 1.8 1.6c0 1.2-1.8 1.3-1.8 2.7M7 10v.6" />
    </svg>
  );
}
