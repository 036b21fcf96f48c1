// The factors of the search, each a group: what is chosen, and its settings. What most searches leave as it is, is folded. Settings that the chosen protocol fixes are
// shown but cannot be changed.

import { type ReactNode, useState } from "react";
import { formatInteger } from "../../format/numbers";
import { plural } from "../../format/text";
import { Fields } from "../../ui/forms/Fields";
import forms from "../../ui/forms/forms.module.css";
import { type Errors, errorsUnder } from "../../ui/forms/schema";
import { Choices } from "./Choices";
import { ADVANCED, advancedSettings, type Factor, type Factors, PROTOCOL } from "./factors";
import type { Change } from "./formValues";
import styles from "./options.module.css";
import { StrategyGlyph } from "./StrategyGlyph";

interface FactorGroupsProps {
  factors: Factors;
  /** by place in the request */
  errors: Errors;
  change: (change: Change) => void;
}

export function FactorGroups({ factors, errors, change }: FactorGroupsProps) {
  const shared = { factors, errors, change };
  const choose = (kind: "space" | "strategy" | "evaluator") => (name: string) => change({ kind, name });
  return (
    <>
      <Group title="Search space" error={errors.space}>
        <Choices
          label="Search space"
          choices={factors.spaces}
          chosen={factors.space?.name}
          onChoose={choose("space")}
        />
        <Settings {...shared} factor="space" />
      </Group>
      <Group title="Search strategy" error={errors.strategy}>
        <Choices
          label="Search strategy"
          choices={factors.strategies}
          chosen={factors.strategy?.name}
          onChoose={choose("strategy")}
          icon={(name) => <StrategyGlyph name={name} />}
        />
      </Group>
      <Advanced {...shared}>
        <Group title="Settings of the strategy">
          <Protocols factors={factors} change={change} />
          <Settings {...shared} factor="strategy" />
        </Group>
        <Group title="Performance estimation" error={errors.evaluator}>
          <Choices
            label="Performance estimation"
            choices={factors.evaluators}
            chosen={factors.evaluator?.name}
            onChoose={choose("evaluator")}
          />
          <Settings {...shared} factor="evaluator" />
        </Group>
        <Group title="Objective" error={errors.objective}>
          <Settings {...shared} factor="objective" />
        </Group>
        <Group title="Answer" error={errors.answer}>
          <Settings {...shared} factor="answer" />
        </Group>
      </Advanced>
    </>
  );
}

/** What most searches leave as it is: folded until the user opens it or something in it is wrong. */
function Advanced({
  factors,
  errors,
  children,
}: Pick<FactorGroupsProps, "factors" | "errors"> & { children: ReactNode }) {
  const [open, setOpen] = useState(false);
  const { count, changed } = advancedSettings(factors);
  const wrong = Object.keys(errors).some((attr) => ADVANCED.some((factor) => isWithin(attr, factor)));
  return (
    <details
      className={styles.advanced}
      open={open || wrong}
      onToggle={(event) => setOpen(event.currentTarget.open)}
    >
      <summary>
        Advanced{" "}
        <span className="sub">
          ({plural(count, "setting")}
          {changed > 0 && `, ${formatInteger(changed)} changed`})
        </span>
      </summary>
      {children}
    </details>
  );
}

function isWithin(attr: string, factor: Factor): boolean {
  return attr.startsWith(`settings.${factor}.`) || (attr === factor && factor !== "strategy");
}

function Group({
  title,
  error,
  children,
}: {
  title: string;
  error?: string | undefined;
  children: ReactNode;
}) {
  return (
    <fieldset className={styles.factor}>
      <legend>
        <h3>{title}</h3>
      </legend>
      {children}
      {error && <p className={forms.fieldError}>{error}</p>}
    </fieldset>
  );
}

function Settings({ factor, factors, errors, change }: FactorGroupsProps & { factor: Factor }) {
  const { choice, schema, values, fixed } = factors.settings[factor];
  const fields = schema.filter(({ name }) => name !== PROTOCOL);
  const problems = Object.entries(errors).map(([attr, detail]) => ({ attr, detail }));
  if (fields.length === 0) return null;
  return (
    <Fields
      // Whether a group of fields is folded belongs to the choice that it is about.
      key={choice}
      schema={fields}
      inputs={values}
      errors={errorsUnder(`settings.${factor}`, problems)}
      fixed={Object.fromEntries(fixed.map((name) => [name, values[name] ?? ""]))}
      fixedBy="Fixed by the published protocol"
      prefix={`settings-${factor}`}
      onChange={(name, value) => change({ kind: "setting", factor, choice, name, value })}
    />
  );
}

function Protocols({
  factors: { strategy, protocol },
  change,
}: Pick<FactorGroupsProps, "factors" | "change">) {
  const field = strategy?.schema.find(({ name }) => name === PROTOCOL);
  if (!strategy || !field) return null;
  return (
    <div className={styles.protocol}>
      <p className="sub">{field.label}</p>
      <Choices
        label={field.label}
        choices={strategy.protocols}
        chosen={protocol?.name}
        onChoose={(value) =>
          change({ kind: "setting", factor: "strategy", choice: strategy.name, name: PROTOCOL, value })
        }
      />
    </div>
  );
}
