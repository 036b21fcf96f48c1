// The icon of a status: an open ring while running, closed otherwise.
import clsx from "clsx";
import styles from "./statusGlyph.module.css";

interface StatusGlyphProps {
  status: string;
  size?: number;
  className?: string | undefined;
}

export function StatusGlyph({ status, size = 22, className }: StatusGlyphProps) {
  return (
    <svg
      className={clsx(styles.glyph, className)}
      data-status={status}
      viewBox="0 0 22 22"
      width={size}
      height={size}
      fill="none"
      stroke="currentColor"
      strokeWidth="2"
      aria-hidden="true"
    >
      <Form status={status} />
    </svg>
  );
}

function Form({ status }: { status: string }) {
  switch (status) {
    case "running":
    case "stopping":
      return (
        <>
          <circle className={styles.ground} cx="11" cy="11" r="9.5" />
          <path d="M11 1.5A9.5 9.5 0 1 1 1.5 11" />
          <path d="M9 7.5v7l5.5-3.5z" fill="currentColor" stroke="none" />
        </>
      );
    case "queued":
    case "waiting":
      return (
        <>
          <circle cx="11" cy="11" r="9.5" strokeDasharray="4 3" />
          <path d="M11 6v5.5l3.5 2" />
        </>
      );
    case "paused":
      return (
        <>
          <circle cx="11" cy="11" r="9.5" />
          <path d="M8.5 7.5v7M13.5 7.5v7" />
        </>
      );
    case "finished":
    case "stopped":
      return (
        <>
          <circle cx="11" cy="11" r="9.5" />
          <path d="M6.5 11.5l3 3 6-6.5" />
        </>
      );
    default:
      return (
        <>
          <circle cx="11" cy="11" r="9.5" />
          <path d="M7.5 7.5l7 7M14.5 7.5l-7 7" />
        </>
      );
  }
}
