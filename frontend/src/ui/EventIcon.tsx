// Icons of events.
import styles from "./eventIcon.module.css";

const FORMS = {
  cut: <path d="M1 7h4M9 7h4M5.5 3.5l3 7" />,
  chosen: <path d="M1.5 7h10M8 3.5L11.5 7 8 10.5" />,
  manual: <path d="M1 7h4M9 7h4M5.5 3l3 8" strokeWidth="2" />,
  lock: (
    <>
      <path d="M4 6.5V4.5a3 3 0 0 1 6 0v2" />
      <rect x="2.5" y="6.5" width="9" height="6.5" rx="1" fill="currentColor" stroke="none" />
    </>
  ),
  refused: (
    <>
      <circle cx="7" cy="7" r="5.3" />
      <path d="M3.3 10.7l7.4-7.4" />
    </>
  ),
  collapsed: <circle cx="7" cy="7" r="4.8" strokeDasharray="2 2" />,
  limit: <path d="M1 9h12M9 4.5v9" strokeWidth="2" />,
  added: <path d="M7 2.5v9M2.5 7h9" strokeWidth="2" />,
  rollback: <path d="M5.5 3L2 6.5 5.5 10M2.5 6.5h6a3.5 3.5 0 0 1 0 5H7" />,
  start: <path d="M4 2.5v9l7-4.5z" />,
  pause: <path d="M4.5 3v8M9.5 3v8" strokeWidth="2" />,
  stop: <rect x="3.5" y="3.5" width="7" height="7" fill="currentColor" stroke="none" />,
  end: <path d="M2.5 7.5l3 3 6-6.5" strokeWidth="2" />,
  cancelled: <path d="M3 3l8 8M11 3l-8 8" strokeWidth="2" />,
  waiting: (
    <>
      <circle cx="7" cy="7" r="5.3" strokeDasharray="3 2" />
      <path d="M7 4v3.5l2.5 1.5" />
    </>
  ),
};

export type EventIconKind = keyof typeof FORMS;

export function EventIcon({ kind }: { kind: EventIconKind }) {
  return (
    <svg
      className={styles.icon}
      data-kind={kind}
      viewBox="0 0 14 14"
      fill="none"
      stroke="currentColor"
      strokeWidth="1.5"
      aria-hidden="true"
    >
      {FORMS[kind]}
    </svg>
  );
}
