// The factors of the search, each a group: what is chosen, and its settings. Settings that the chosen protocol fixes are
// shown but cannot be changed.

import type { ReactNode } from "react";
import { Fields } from "../../ui/forms/Fields";
import forms from "../../ui/forms/forms.module.css";
import { type Errors, errorsUnder } from "../../ui/forms/schema";
import { Choices } from "./Choices";
import type { Change } from "./draft";
import { type Factor, type Factors, PROTOCOL } from "./factors";
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
      <Group {...shared} factor="space" title="Search space">
        <Choices
          label="Search space"
          choices={factors.spaces}
          chosen={factors.space?.name}
          onChoose={choose("space")}
        />
      </Group>
      <Group {...shared} factor="strategy" title="Search strategy">
        <Choices
          label="Search strategy"
          choices={factors.strategies}
          chosen={factors.strategy?.name}
          onChoose={choose("strategy")}
          icon={(name) => <StrategyGlyph name={name} />}
        />
        <Protocols factors={factors} change={change} />
      </Group>
      <Group {...shared} factor="evaluator" title="Performance estimation">
        <Choices
          label="Performance estimation"
          choices={factors.evaluators}
          chosen={factors.evaluator?.name}
          onChoose={choose("evaluator")}
        />
      </Group>
      <Group {...shared} factor="objective" title="Objective" />
      <Group {...shared} factor="answer" title="Answer" />
    </>
  );
}

interface GroupProps extends FactorGroupsProps {
  factor: Factor;
  title: string;
  /** how it is chosen */
  children?: ReactNode;
}

function Group({ factor, title, factors, errors, change, children }: GroupProps) {
  const { choice, schema, values, fixed } = factors.settings[factor];
  const fields = schema.filter(({ name }) => name !== PROTOCOL);
  const problems = Object.entries(errors).map(([attr, detail]) => ({ attr, detail }));
  return (
    <fieldset className={styles.factor}>
      <legend>
        <h3>{title}</h3>
      </legend>
      {children}
      {errors[factor] && <p className={forms.fieldError}>{errors[factor]}</p>}
      {fields.length > 0 && (
        <Fields
          // Whether a group of fields is folded belongs to the choice that it is about.
          key={choice}
          schema={fields}
          draft={values}
          errors={errorsUnder(`settings.${factor}`, problems)}
          fixed={Object.fromEntries(fixed.map((name) => [name, values[name] ?? ""]))}
          fixedBy="Fixed by the published protocol"
          prefix={`settings-${factor}`}
          onChange={(name, value) => change({ kind: "setting", factor, choice, name, value })}
        />
      )}
    </fieldset>
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
