// A question before something that cannot be taken back. The native dialog keeps the keyboard inside and gives it back.
import { type ReactNode, useEffect, useId, useRef } from "react";

interface ConfirmProps {
  open: boolean;
  title: string;
  yes: string;
  no: string;
  onAnswer: (yes: boolean) => void;
  children: ReactNode;
}

export function Confirm({ open, title, yes, no, onAnswer, children }: ConfirmProps) {
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
      <p className="q">{children}</p>
      <div className="answers">
        <button type="button" className="btn solid" onClick={() => onAnswer(true)}>
          {yes}
        </button>
        <button type="button" className="btn" onClick={() => onAnswer(false)}>
          {no}
        </button>
      </div>
    </dialog>
  );
}
