// A modal dialog that is open while it is in the page. The native element traps the focus and returns it. One Escape does
// not discard what was typed.
import clsx from "clsx";
import { type ReactNode, useId, useLayoutEffect, useRef, useState } from "react";
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
  return (
    <dialog
      ref={dialog}
      className={clsx(styles.dialog, className)}
      aria-labelledby={heading}
      onCancel={(event) => {
        event.preventDefault(); // the parent removes it
        if (typed.current && !warns) setWarns(true);
        else onClose();
      }}
      onClose={({ currentTarget }) => currentTarget.open || onClose()} // a browser may close it without asking
      onInput={() => {
        typed.current = true;
        setWarns(false);
      }}
    >
      <h2 id={heading}>{title}</h2>
      {children}
      <SignedOut />
      {warns && (
        <p className="sub" role="alert">
          Press Escape again to discard what you typed.
        </p>
      )}
    </dialog>
  );
}
