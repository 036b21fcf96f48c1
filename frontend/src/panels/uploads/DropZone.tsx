// Where a file is dropped or chosen: a native file input under a drawing, so that it works by keyboard. Files dropped
// elsewhere on the page are accepted too, because the browser would otherwise navigate to them.

import clsx from "clsx";
import { useEffect, useId, useState } from "react";
import { useReadOnly } from "../../api/currentUser";
import styles from "./upload.module.css";

export const ACCEPTED = ".zip,.tar,.tar.gz,.tgz,.tar.xz,.txz,.npz,.gz,.xz,.txt,.tokens";

interface DropZoneProps {
  onFile: (file: File) => void;
  /** for a label elsewhere that opens the same file dialog */
  id?: string;
}

export function DropZone({ onFile, id }: DropZoneProps) {
  const own = useId();
  const readOnly = useReadOnly();
  const [over, setOver] = useState(false);
  const [error, setError] = useState("");
  useEffect(() => {
    const carries = (event: DragEvent) => event.dataTransfer?.types.includes("Files") ?? false;
    const drag = (event: DragEvent) => {
      if (!carries(event)) return;
      event.preventDefault();
      setOver(true);
    };
    const leave = (event: DragEvent) => {
      if (event.relatedTarget === null) setOver(false);
    };
    const drop = (event: DragEvent) => {
      if (!carries(event)) return;
      event.preventDefault();
      setOver(false);
      const items = [...(event.dataTransfer?.items ?? [])];
      const folder = items.some((item) => item.webkitGetAsEntry?.()?.isDirectory);
      const files = [...(event.dataTransfer?.files ?? [])];
      if (readOnly) setError(readOnly.title);
      else if (folder) setError("This is a folder. Pack it into a zip or tar file first.");
      else if (files.length > 1)
        setError("Drop one file at a time. Pack all class folders into one archive.");
      else if (files[0]) onFile(files[0]);
    };
    window.addEventListener("dragover", drag);
    window.addEventListener("dragleave", leave);
    window.addEventListener("drop", drop);
    return () => {
      window.removeEventListener("dragover", drag);
      window.removeEventListener("dragleave", leave);
      window.removeEventListener("drop", drop);
    };
  }, [onFile, readOnly]);
  return (
    <>
      <label className={clsx(styles.dropZone, over && styles.overIt)}>
        <input
          type="file"
          id={id}
          accept={ACCEPTED}
          aria-describedby={error ? `${own}-wrong` : undefined}
          onChange={(event) => {
            const file = event.target.files?.[0];
            event.target.value = ""; // allows choosing the same file again
            if (file) onFile(file);
          }}
          {...readOnly}
        />
        <span className={styles.box}>
          <Arrow />
          <span>
            <b>{readOnly ? readOnly.title : over ? "Drop to upload" : "Drop a file here"}</b>
            {!readOnly && <span className={styles.d}> or select one: zip, tar, npz or txt</span>}
          </span>
        </span>
      </label>
      {error && (
        <p className="over" role="alert" id={`${own}-wrong`}>
          {error}
        </p>
      )}
    </>
  );
}

function Arrow() {
  return (
    <svg viewBox="0 0 22 22" fill="none" stroke="currentColor" strokeWidth="1.6" aria-hidden="true">
      <path d="M11 14.5V3m-4.5 4.5L11 3l4.5 4.5M3 14v4.5h16V14" />
    </svg>
  );
}
