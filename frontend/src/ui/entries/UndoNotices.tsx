// The notices of all pages, at the lower edge of the window: "“Porch” was deleted. Undo".

import { useEffect, useRef } from "react";
import { Link } from "react-router";
import { useMutation } from "../../api/mutations";
import { errorMessage } from "../Notice";
import styles from "./entries.module.css";
import { type UndoNotice, useNotices } from "./notices";

export function UndoNotices() {
  const shown = useNotices((state) => state.shown);
  return (
    // Always in the page, so that screen readers notice what is added.
    <section className={styles.notices} aria-label="Notices">
      <div role="status">
        {shown.map((notice) => (
          <Shown key={notice.key} notice={notice} />
        ))}
      </div>
    </section>
  );
}

function Shown({ notice }: { notice: UndoNotice }) {
  const dismiss = useNotices((state) => state.dismiss);
  const undo = useMutation({ mutationFn: notice.undo });
  const box = useRef<HTMLFieldSetElement>(null);
  // What had the focus is gone: a menu of a row that was deleted, then the button "Undo".
  // biome-ignore lint/correctness/useExhaustiveDependencies: again once it is undone
  useEffect(() => {
    const timer = setTimeout(() => box.current?.querySelector<HTMLElement>("button, a")?.focus());
    return () => clearTimeout(timer);
  }, [undo.isSuccess]);
  const leave = () => {
    const next = box.current?.nextElementSibling ?? box.current?.previousElementSibling;
    const target = next?.querySelector<HTMLElement>("button, a") ?? document.getElementById("main");
    target?.focus({ preventScroll: true });
    dismiss(notice.key);
  };
  return (
    <fieldset
      aria-label={notice.text}
      className={styles.notice}
      ref={box}
      onKeyDown={({ key }) => {
        if (key === "Escape") leave();
      }}
    >
      <p>
        {undo.isSuccess ? "Undone." : notice.text}
        {undo.isError && <b> It could not be undone: {errorMessage(undo.error)}</b>}
      </p>
      {undo.isSuccess ? (
        <Link className="btn" to={notice.page} onClick={() => dismiss(notice.key)}>
          Open
        </Link>
      ) : (
        <button type="button" className="btn" disabled={undo.isPending} onClick={() => undo.mutate()}>
          {undo.isPending ? "Undoing…" : "Undo"}
        </button>
      )}
      <button type="button" className="btn quiet" onClick={leave}>
        Dismiss
      </button>
    </fieldset>
  );
}
