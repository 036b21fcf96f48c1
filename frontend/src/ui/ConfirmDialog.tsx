// A confirmation dialog. The way back comes first, so it has the focus when the dialog opens and Enter does nothing that
// cannot be undone.
import type { ReactNode } from "react";
import { Dialog } from "./Dialog";

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
  if (!open) return null;
  return (
    <Dialog title={title} onClose={() => onAnswer(false)}>
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
    </Dialog>
  );
}
