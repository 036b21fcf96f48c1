// The search method: one card per strategy, its protocol, and the settings of the search space. Settings that the
// published protocol fixes are shown but cannot be changed.
import type { Space, Strategy } from "../../api/types";
import { Fields } from "../../ui/forms/Fields";
import { type ConfigField, type Draft, type Errors, initialDraft } from "../../ui/forms/schema";
import { type Change, fixedBy, PROTOCOL } from "./draft";

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
              {space && strategy.name === chosen && <span className="d2">{space.title}</span>}
            </span>
          </label>
        ))}
      </div>
      {space && space.schema.length > 0 && (
        <Settings space={space} settings={settings} errors={errors} change={change} />
      )}
    </>
  );
}

interface SettingsProps extends Pick<MethodsProps, "settings" | "errors" | "change"> {
  space: Space;
}

function Settings({ space, settings, errors, change }: SettingsProps) {
  const schema: readonly ConfigField[] = space.schema;
  const protocol = schema.find(({ name }) => name === PROTOCOL);
  const fixed = new Set(fixedBy(schema, settings));
  const published = initialDraft(
    schema.filter(({ name }) => fixed.has(name)),
    Object.fromEntries(schema.map((field) => [field.name, field.published])),
  );
  return (
    <>
      {protocol && (
        <Protocol
          field={protocol}
          chosen={String(settings[PROTOCOL] ?? "")}
          onChoose={(value) => change({ kind: "setting", space: space.name, name: PROTOCOL, value })}
        />
      )}
      <fieldset className="settings">
        <legend className="sub">Settings</legend>
        <Fields
          schema={schema.filter((field) => field !== protocol)}
          draft={settings}
          errors={errors}
          fixed={published}
          fixedBy="Fixed by the published protocol"
          prefix="config"
          onChange={(name, value) => change({ kind: "setting", space: space.name, name, value })}
        />
      </fieldset>
    </>
  );
}

const PROTOCOLS: Readonly<Record<string, { title: string; about: string }>> = {
  studio: {
    title: "Espalier (recommended)",
    about: "Respects limits, validates on held-out training data, and stops when cuts no longer help.",
  },
  published: {
    title: "As in the paper's code",
    about: "The settings and stop rules of the released code, without limits. For comparison.",
  },
};

interface ProtocolProps {
  field: ConfigField;
  chosen: string;
  onChoose: (value: string) => void;
}

function Protocol({ field, chosen, onChoose }: ProtocolProps) {
  return (
    <fieldset className="settings protocol">
      <legend className="sub">{field.label}</legend>
      <div className="method-cards">
        {(field.choices ?? []).map((choice) => {
          const { title, about } = PROTOCOLS[choice] ?? { title: String(choice), about: "" };
          return (
            <label className="opt" key={choice}>
              <input
                type="radio"
                name="protocol"
                checked={choice === chosen}
                onChange={() => onChoose(String(choice))}
              />
              <span className="box">
                <b>{title}</b>
                <span className="d">{about}</span>
              </span>
            </label>
          );
        })}
      </div>
    </fieldset>
  );
}

/** An icon: a cell that loses an edge. */
function Shrinking() {
  return (
    <svg className="glyph" viewBox="0 0 92 30" fill="none" aria-hidden="true">
      <path d="M2 6h30M2 15h30M2 24h30M58 6h30M58 24h30" stroke="var(--leaf-2)" strokeWidth="2" />
      <path d="M58 15h30" stroke="var(--trace)" strokeDasharray="2 3" />
      <path d="M39 15h12m-4-4l4 4-4 4" stroke="var(--ink-3)" strokeWidth="1.25" />
    </svg>
  );
}
