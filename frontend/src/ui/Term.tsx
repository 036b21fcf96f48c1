// A term with its definition: a button that opens a small dialog.
import clsx from "clsx";
import type { ReactNode } from "react";
import { GLOSSARY, type TermName } from "./glossary";
import { Popover } from "./Popover";
import styles from "./term.module.css";

interface TermProps {
  name: TermName;
  /** the term as the sentence writes it; without it a question mark is shown */
  children?: ReactNode;
}

export function Term({ name, children }: TermProps) {
  const { title, text } = GLOSSARY[name];
  const markOnly = children === undefined;
  return (
    <Popover
      inline
      label={markOnly ? `Definition of ${title}` : undefined}
      title={title}
      button={children ?? <QuestionMark />}
      className={clsx(styles.term, markOnly && styles.markOnly)}
      boxClassName={styles.definition}
    >
      <b>{title}</b>
      {text}
    </Popover>
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
