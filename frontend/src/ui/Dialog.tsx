// A modal dialog that is open while it is in the page. The native element traps the focus and returns it. One Escape does
// not discard what was changed: by typing, or by a button with `data-edits`.
import clsx from "clsx";
import { type ReactNode, useId, useLayoutEffect, useRef, useState } from "react";
import { createPortal } from "react-dom";
import styles from "./dialog.module.css";
import { SignedOut } from "./SignedOut";

interface DialogProps {
  title: string;
  onClose: () => void;
  className?: string | undefined;
  children: ReactNode;
}

export function Dialog({ title, onClose, className, children }: DialogProps) {
  const dialog = useRef<HTMLDialogElement>(null);
  const heading = useId();
  const typed = useRef(false);
  const [warns, setWarns] = useState(false);
  useLayoutEffect(() => {
    const element = dialog.current;
    element?.showModal();
    return () => element?.close(); // returns the focus, which removing the element alone does not
  }, []);
  const change = () => {
    typed.current = true;
    setWarns(false);
  };
  const leave = () => {
    if (typed.current && !warns) setWarns(true);
    else onClose();
  };
  // Not where it is written: there it would have the styles of what is around it, such as a table cell.
  return createPortal(
    <dialog
      ref={dialog}
      className={clsx(styles.dialog, className)}
      aria-labelledby={heading}
      onKeyDown={(event) => {
        // Browsers stop asking by `cancel` after some times.
        if (event.key !== "Escape" || event.defaultPrevented) return;
        event.preventDefault();
        event.stopPropagation(); // what the dialog was opened from has its own use for the key
        leave();
      }}
      onCancel={(event) => {
        event.preventDefault(); // the parent removes it
        leave();
      }}
      onClose={({ currentTarget }) => currentTarget.open || onClose()} // a browser may close it without asking
      onInput={change}
      onClick={({ target }) => target instanceof Element && target.closest("[data-edits]") && change()}
    >
      <h2 id={heading}>{title}</h2>
      {children}
      <div className={styles.foot}>
        <SignedOut />
        {warns && (
          <p className="sub" role="alert">
            Press Escape again to discard what you changed.
          </p>
        )}
      </div>
    </dialog>,
    document.body,
  );
}
