// A button that opens a small box of controls below it. Escape closes it and returns to the button.
import clsx from "clsx";
import { type ReactNode, useId, useRef, useState } from "react";
import styles from "./dropDown.module.css";
import { usePopover } from "./usePopover";

interface DropDownProps {
  /** of the button, where its content does not say enough */
  label?: string | undefined;
  /** of the box */
  title: string;
  button: ReactNode;
  className?: string | undefined;
  children: ReactNode | ((close: () => void) => ReactNode);
}

export function DropDown({ label, title, button, className, children }: DropDownProps) {
  const [open, setOpen] = useState(false);
  const element = useRef<HTMLButtonElement>(null);
  const id = useId();
  const close = (returnFocus: boolean) => {
    setOpen(false);
    if (returnFocus) element.current?.focus({ preventScroll: true });
  };
  return (
    <>
      <button
        ref={element}
        type="button"
        className={clsx("btn", className)}
        aria-label={label}
        aria-haspopup="dialog"
        aria-expanded={open}
        aria-controls={open ? id : undefined}
        onClick={() => setOpen(!open)}
      >
        {button}
      </button>
      {open && (
        <Box id={id} title={title} button={element} close={close}>
          {typeof children === "function" ? children(() => close(true)) : children}
        </Box>
      )}
    </>
  );
}

interface BoxProps {
  id: string;
  title: string;
  button: React.RefObject<HTMLButtonElement | null>;
  close: (returnFocus: boolean) => void;
  children: ReactNode;
}

function Box({ id, title, button, close, children }: BoxProps) {
  const box = usePopover<HTMLDivElement>(button, close);
  return (
    <div
      ref={box}
      id={id}
      className={styles.box}
      popover="manual"
      role="dialog"
      aria-label={title}
      tabIndex={-1}
      onKeyDown={(event) => {
        if (event.key !== "Escape") return;
        event.preventDefault();
        close(true);
      }}
    >
      {children}
    </div>
  );
}
