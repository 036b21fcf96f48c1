// Form controls generated from a schema of settings: label, control, unit, help and error, linked for screen readers.

import clsx from "clsx";
import { type ComponentProps, useState } from "react";
import { LIMITS } from "../../format/costs";
import { formatNumber, inFull } from "../../format/numbers";
import { capitalise, plural } from "../../format/text";
import styles from "./forms.module.css";
import { type ConfigField, describeRange, type Errors, type Inputs, initialInputs } from "./schema";

interface FieldsProps {
  schema: readonly ConfigField[];
  inputs: Inputs;
  errors: Errors;
  /** settings that cannot be changed now, with their values */
  fixed?: Readonly<Record<string, string | boolean>>;
  /** a short reason why they cannot be changed */
  fixedBy?: string;
  /** keeps ids unique if two forms share a page */
  prefix: string;
  onChange: (name: string, value: string | boolean) => void;
}

export function Fields({ schema, ...props }: FieldsProps) {
  const groups = groupFields(schema);
  return (
    <>
      {groups.map(([group, fields]) =>
        group === "" ? (
          <Controls key={group} schema={fields} {...props} />
        ) : (
          <Group key={group} title={group} schema={fields} {...props} />
        ),
      )}
    </>
  );
}

/** Fields by group, in order of first appearance; fields without a group are in "". */
function groupFields(schema: readonly ConfigField[]): [string, ConfigField[]][] {
  const groups = new Map<string, ConfigField[]>();
  for (const field of schema) {
    const group = field.group ?? "";
    groups.set(group, [...(groups.get(group) ?? []), field]);
  }
  return [...groups];
}

/** Folded until the user opens it or a field has an error; it never folds while the user types. */
function Group({ title, ...props }: FieldsProps & { title: string }) {
  const { schema, inputs, errors } = props;
  const [open, setOpen] = useState(false);
  const changed = schema.filter((field) => inputs[field.name] !== initialInputs([field])[field.name]).length;
  return (
    <details
      className={styles.fieldGroup}
      open={open || schema.some(({ name }) => errors[name])}
      onToggle={(event) => setOpen(event.currentTarget.open)}
    >
      <summary>
        {title}{" "}
        <span className="sub">
          {plural(schema.length, "setting")}
          {changed > 0 && `, ${changed} changed`}
        </span>
      </summary>
      <Controls {...props} />
    </details>
  );
}

function Controls({ schema, inputs, errors, fixed = {}, fixedBy = "", prefix, onChange }: FieldsProps) {
  return (
    <div className={styles.fields}>
      {schema.map((field) => (
        <SettingField
          key={field.name}
          field={field}
          id={`${prefix}-${field.name}`}
          value={fixed[field.name] ?? inputs[field.name] ?? ""}
          fixed={field.name in fixed ? fixedBy : null}
          error={errors[field.name]}
          onChange={(value) => onChange(field.name, value)}
        />
      ))}
    </div>
  );
}

interface SettingFieldProps {
  field: ConfigField;
  id: string;
  value: string | boolean;
  /** why it cannot be changed; null if it can */
  fixed: string | null;
  error: string | undefined;
  onChange: (value: string | boolean) => void;
}

function SettingField({ field, id, value, fixed, error, onChange }: SettingFieldProps) {
  const full = typeof value === "string" && field.type !== "choice" && !error ? inFull(value) : null;
  const described = {
    "aria-describedby": `${id}-help${error ? ` ${id}-error` : ""}`,
    "aria-invalid": Boolean(error),
    disabled: fixed !== null,
  };
  return (
    <div className={clsx(styles.setting, fixed !== null && styles.fixed)}>
      <label htmlFor={id}>{field.label}</label>
      {field.type === "bool" ? (
        <span className={styles.tickBox}>
          <input
            id={id}
            type="checkbox"
            checked={value === true}
            onChange={(event) => onChange(event.target.checked)}
            {...described}
          />
        </span>
      ) : field.type === "choice" ? (
        <select
          id={id}
          value={String(value)}
          onChange={(event) => onChange(event.target.value)}
          {...described}
        >
          {(field.choices ?? []).map((choice) => (
            <option key={String(choice)} value={String(choice)}>
              {choiceName(choice)}
            </option>
          ))}
        </select>
      ) : (
        <NumberBox
          id={id}
          value={String(value)}
          unit={field.unit}
          whole={field.type === "int"}
          onChange={onChange}
          {...described}
        />
      )}
      <p className={styles.help} id={`${id}-help`}>
        {full !== null && <b>= {full}. </b>}
        {[fixed ?? range(field), fixed === null && !error && field.why, field.help]
          .filter(Boolean)
          .join(". ")}
      </p>
      {error && <FieldError id={`${id}-error`}>{error}</FieldError>}
    </div>
  );
}

interface NumberBoxProps extends Omit<ComponentProps<"input">, "onChange" | "type"> {
  unit: string | null;
  whole?: boolean;
  onChange: (value: string) => void;
}

/** A number with its unit inside the box. A text input, because number inputs hide invalid text from scripts. */
export function NumberBox({ unit, whole = false, onChange, ...input }: NumberBoxProps) {
  return (
    <span className={styles.numberBox}>
      <input
        type="text"
        inputMode={whole ? "numeric" : "decimal"}
        autoComplete="off"
        onChange={(event) => onChange(event.target.value)}
        {...input}
      />
      {unit && <span aria-hidden="true">{unit}</span>}
    </span>
  );
}

export function FieldError({ id, children }: { id: string; children: string }) {
  return (
    <p className={styles.fieldError} id={id}>
      <svg viewBox="0 0 12 12" aria-hidden="true">
        <circle cx="6" cy="6" r="5" fill="none" stroke="currentColor" strokeWidth="1.4" />
        <path d="M2.6 9.4l6.8-6.8" stroke="currentColor" strokeWidth="1.4" />
      </svg>
      {children}
    </p>
  );
}

/** Costs are named as on every other page. */
function choiceName(choice: string | number): string {
  return LIMITS.find(({ key }) => key === choice)?.name ?? String(choice);
}

function range(field: ConfigField): string {
  if (field.type === "bool" || field.type === "choice") return "";
  if (field.min !== null && field.max !== null)
    return `${formatNumber(field.min)} to ${formatNumber(field.max)}`;
  return capitalise(describeRange(field).replace(/^, /, ""));
}
