// The head of an entry's page: where the entry comes from, its name, its figures, and what can be done to it.
import type { ReactNode } from "react";
import styles from "./entryHead.module.css";

interface EntryHeadProps {
  /** links to the list of its kind and to what it was made from */
  origin: ReactNode;
  name: string;
  /** "archived", "published" and the like, each in an element of class `tag` */
  tags: ReactNode;
  status?: ReactNode;
  /** `Figure`s */
  figures: ReactNode;
  /** actions */
  children: ReactNode;
}

export function EntryHead({ origin, name, tags, status, figures, children }: EntryHeadProps) {
  return (
    <header className={`page-head ${styles.head}`}>
      <div className={styles.what}>
        <p className="sub">{origin}</p>
        <h1>
          {name} {tags}
        </h1>
      </div>
      {status}
      <dl className={styles.figures}>{figures}</dl>
      <div className={styles.actions}>{children}</div>
    </header>
  );
}

export function Figure({ value, children }: { value: string; children: ReactNode }) {
  return (
    <div>
      <dd>{value}</dd>
      <dt>{children}</dt>
    </div>
  );
}
