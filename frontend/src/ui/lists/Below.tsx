// A second line of a cell; in a block it goes on with the first.
import type { ReactNode } from "react";
import styles from "./lists.module.css";

export function Below({ title, children }: { title?: string | undefined; children: ReactNode }) {
  return (
    <span className={styles.below} title={title}>
      {children}
    </span>
  );
}
