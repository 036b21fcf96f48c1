// A preview of a dataset: the first tiles of its contact sheet, a text symbol, or an empty frame.

import { useState } from "react";
import styles from "./datasets.module.css";

export function sampleUrl(name: string): string {
  return `/api/datasets/${encodeURIComponent(name)}/sample`;
}

export function ContactSheet({ name, kind }: { name: string; kind: string }) {
  const [missing, setMissing] = useState(false);
  if (kind === "text") {
    return (
      <span className={styles.sheet}>
        <svg viewBox="0 0 96 48" fill="none" stroke="var(--edge-ui)" strokeWidth="3" aria-hidden="true">
          <path d="M10 12h22m6 0h34m6 0h8M10 22h14m6 0h44m6 0h6M10 32h38m6 0h16" />
        </svg>
      </span>
    );
  }
  return (
    <span className={styles.sheet}>
      {!missing && <img src={sampleUrl(name)} alt="" loading="lazy" onError={() => setMissing(true)} />}
    </span>
  );
}
