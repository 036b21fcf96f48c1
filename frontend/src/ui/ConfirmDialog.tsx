// A confirmation dialog. The native element traps the focus and restores it.
import { type ReactNode, useEffect, useId, useRef } from "react";

interface ConfirmDialogProps {
  open: boolean;
  title: string;
  yes: string;
  no: string;
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
        <button type="button" className="btn solid" disabled={busy} onClick={() => onAnswer(true)}>
          {yes}
        </button>
        <button type="button" className="btn" onClick={() => onAnswer(false)}>
          {no}
        </button>
      </div>
    </dialog>
  );
}
