// A button that opens a small box beside it. Click, tap, Enter and Space open it; Escape, a click elsewhere, leaving it with
// Tab and scrolling close it.
import { type KeyboardEvent, type ReactNode, type RefObject, useId, useRef, useState } from "react";
import { usePopover } from "./usePopover";

export interface PopoverProps {
  /** of the button, where its content does not say enough */
  label?: string | undefined;
  /** of the box */
  title: string;
  button: ReactNode;
  className?: string | undefined;
  boxClassName?: string | undefined;
  /** within a sentence, where the box must not be a block */
  inline?: boolean;
  children: ReactNode | ((close: () => void) => ReactNode);
}

export function Popover({ label, title, button, className, children, ...box }: PopoverProps) {
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
        className={className}
        aria-label={label}
        aria-haspopup="dialog"
        aria-expanded={open}
        aria-controls={open ? id : undefined}
        onClick={(event) => {
          event.preventDefault(); // inside a label or summary
          setOpen(!open);
        }}
      >
        {button}
      </button>
      {open && (
        <Box {...box} id={id} title={title} button={element} close={close}>
          {typeof children === "function" ? children(() => close(true)) : children}
        </Box>
      )}
    </>
  );
}

interface BoxProps extends Pick<PopoverProps, "title" | "boxClassName" | "inline"> {
  id: string;
  button: RefObject<HTMLButtonElement | null>;
  close: (returnFocus: boolean) => void;
  children: ReactNode;
}

function Box({ title, boxClassName, inline = false, id, button, close, children }: BoxProps) {
  const box = usePopover<HTMLDivElement>(button, close);
  const Element = inline ? "span" : "div";
  return (
    <Element
      ref={box}
      id={id}
      className={boxClassName}
      popover="manual"
      role="dialog"
      aria-label={title}
      tabIndex={-1}
      onKeyDown={(event: KeyboardEvent) => {
        event.stopPropagation(); // the keys of a page are not for it
        if (event.key !== "Escape") return;
        event.preventDefault(); // a modal dialog around it stays open
        close(true);
      }}
    >
      {children}
    </Element>
  );
}
