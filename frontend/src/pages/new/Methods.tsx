// How the search looks for the graph: one card a method, and the settings of the chosen one from the engine's schema.
import type { Engine } from "../../api/types";
import { Fields } from "../../forms/Fields";
import { type Draft, draftOf, type Errors } from "../../forms/schema";
import type { Change } from "./draft";

interface MethodsProps {
  strategies: Engine["strategies"];
  chosen: string;
  settings: Draft;
  errors: Errors;
  change: (change: Change) => void;
}

export function Methods({ strategies, chosen, settings, errors, change }: MethodsProps) {
  const schema = strategies.find((each) => each.name === chosen)?.schema ?? [];
  return (
    <>
      <div className="method-cards" role="radiogroup" aria-label="Method">
        {strategies.map((strategy) => (
          <label className="opt" key={strategy.name}>
            <input
              type="radio"
              name="strategy"
              checked={strategy.name === chosen}
              onChange={() =>
                change({ kind: "strategy", name: strategy.name, settings: draftOf(strategy.schema) })
              }
            />
            <span className="box">
              <Shrinking />
              <b>{strategy.title}</b>
              <span className="d">{strategy.about}</span>
            </span>
          </label>
        ))}
      </div>
      {schema.length > 0 && (
        <fieldset className="settings">
          <legend className="sub">Settings</legend>
          <Fields
            schema={schema}
            draft={settings}
            errors={errors}
            prefix="config"
            onChange={(name, value) => change({ kind: "setting", name, value })}
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
