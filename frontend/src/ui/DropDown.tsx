// A button that opens a small box of controls or links below it.
import clsx from "clsx";
import styles from "./dropDown.module.css";
import { Popover, type PopoverProps } from "./Popover";

interface DropDownProps extends Omit<PopoverProps, "boxClassName" | "inline"> {
  /** marks the button as one that opens something; not where its picture says so */
  chevron?: boolean;
}

export function DropDown({ button, className, chevron = false, ...rest }: DropDownProps) {
  const content = chevron ? (
    <>
      {button}
      <svg viewBox="0 0 12 12" fill="none" stroke="currentColor" strokeWidth="1.4" aria-hidden="true">
        <path d="M3 4.5l3 3 3-3" />
      </svg>
    </>
  ) : (
    button
  );
  return <Popover {...rest} button={content} className={clsx("btn", className)} boxClassName={styles.box} />;
}
