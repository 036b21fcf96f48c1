// A confirmation dialog. The native element traps the focus and restores it. The way back comes first, so it has the focus
// when the dialog opens and Enter does nothing that cannot be undone.
import { type ReactNode, useEffect, useId, useRef } from "react";

interface ConfirmDialogProps {
  open: boolean;
  title: string;
  yes: string;
  no: string;
  /** nothing is lost by it */
  harmless?: boolean;
  /** the action is running; the dialog stays open until the parent closes it */
  busy?: boolean;
  onAnswer: (yes: boolean) => void;
  children: ReactNode;
}

export function ConfirmDialog({
  open,
  title,
  yes,
  no,
  harmless = false,
  busy = false,
  onAnswer,
  children,
}: ConfirmDialogProps) {
  const dialog = useRef<HTMLDialogElement>(null);
  const heading = useId();
  useEffect(() => {
    const element = dialog.current;
    if (open && !element?.open) element?.showModal();
    if (!open && element?.open) element.close();
  }, [open]);
  return (
    <dialog ref={dialog} aria-labelledby={heading} onCancel={() => onAnswer(false)}>
      <h2 id={heading}>{title}</h2>
      <div className="q">{children}</div>
      <div className="answers">
        <button type="button" className="btn" onClick={() => onAnswer(false)}>
          {no}
        </button>
        <button
          type="button"
          className={harmless ? "btn solid" : "btn cut"}
          disabled={busy}
          onClick={() => onAnswer(true)}
        >
          {yes}
        </button>
      </div>
    </dialog>
  );
}
