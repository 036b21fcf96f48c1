// One choice among named ones as cards of a radio group; just the title if there is nothing to choose.

import { type ReactNode, useId } from "react";
import styles from "./options.module.css";

interface Choice {
  readonly name: string;
  readonly title: string;
  readonly about: string;
}

interface ChoicesProps {
  label: string;
  choices: readonly Choice[];
  chosen: string | undefined;
  onChoose: (name: string) => void;
  icon?: (name: string) => ReactNode;
}

export function Choices({ label, choices, chosen, onChoose, icon }: ChoicesProps) {
  const group = useId();
  if (choices.length < 2) return choices[0] ? <p className={styles.only}>{choices[0].title}</p> : null;
  return (
    <div className={styles.methodCards} role="radiogroup" aria-label={label}>
      {choices.map(({ name, title, about }) => (
        <label className={styles.opt} key={name}>
          <input type="radio" name={group} checked={name === chosen} onChange={() => onChoose(name)} />
          <span className={styles.box}>
            {icon?.(name)}
            <b>{title}</b>
            <span className={styles.d}>{about}</span>
          </span>
        </label>
      ))}
    </div>
  );
}
