// How the search looks for the graph: one card a method, and the settings of the space it searches in on this data.
import type { Space, Strategy } from "../../api/types";
import { Fields } from "../../forms/Fields";
import type { Draft, Errors } from "../../forms/schema";
import type { Change } from "./draft";

interface MethodsProps {
  strategies: readonly Strategy[];
  chosen: string;
  space: Space | undefined;
  settings: Draft;
  errors: Errors;
  change: (change: Change) => void;
}

export function Methods({ strategies, chosen, space, settings, errors, change }: MethodsProps) {
  return (
    <>
      <div className="method-cards" role="radiogroup" aria-label="Method">
        {strategies.map((strategy) => (
          <label className="opt" key={strategy.name}>
            <input
              type="radio"
              name="strategy"
              checked={strategy.name === chosen}
              onChange={() => change({ kind: "strategy", name: strategy.name })}
            />
            <span className="box">
              <Shrinking />
              <b>{strategy.title}</b>
              <span className="d">{strategy.about}</span>
            </span>
          </label>
        ))}
      </div>
      {space && space.schema.length > 0 && (
        <fieldset className="settings">
          <legend className="sub">Settings</legend>
          <Fields
            schema={space.schema}
            draft={settings}
            errors={errors}
            prefix="config"
            onChange={(name, value) => change({ kind: "setting", space: space.name, name, value })}
          />
        </fieldset>
      )}
    </>
  );
}

/** Three wires, then two and a trace. */
function Shrinking() {
  return (
    <svg className="glyph" viewBox="0 0 92 30" fill="none" aria-hidden="true">
      <path d="M2 6h30M2 15h30M2 24h30M58 6h30M58 24h30" stroke="var(--leaf-2)" strokeWidth="2" />
      <path d="M58 15h30" stroke="var(--trace)" strokeDasharray="2 3" />
      <path d="M39 15h12m-4-4l4 4-4 4" stroke="var(--ink-3)" strokeWidth="1.25" />
    </svg>
  );
}
