// One choice among named ones as cards of a radio group; just the title if there is nothing to choose.
import { type ReactNode, useId } from "react";

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
  if (choices.length < 2) return choices[0] ? <p className="only">{choices[0].title}</p> : null;
  return (
    <div className="method-cards" role="radiogroup" aria-label={label}>
      {choices.map(({ name, title, about }) => (
        <label className="opt" key={name}>
          <input type="radio" name={group} checked={name === chosen} onChange={() => onChoose(name)} />
          <span className="box">
            {icon?.(name)}
            <b>{title}</b>
            <span className="d">{about}</span>
          </span>
        </label>
      ))}
    </div>
  );
}
