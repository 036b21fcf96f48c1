// The form for the limits of a running search; bars show at once what would be over. Changes are sent as commands that wait
// for the end of the step. If one is refused, the fields keep their text.

import clsx from "clsx";
import { type FormEvent, useEffect, useRef, useState } from "react";
import { useLimits } from "../../api/engine";
import { LIMITS as ALL, limitedValue, limitInFull } from "../../format/costs";
import type { Telemetry } from "../../live/messages";
import type { View } from "../../live/view";
import {
  effectiveLimits,
  type FieldErrors,
  type FieldTexts,
  fieldTexts,
  limitChange,
  limitOf,
} from "../../search-view/limitFields";
import type { Moment } from "../../search-view/moment";
import { CostBar } from "../../ui/CostBar";
import { DeviceSelect } from "../../ui/DeviceSelect";
import { FieldError, NumberBox } from "../../ui/forms/Fields";
import gauge from "../../ui/gauge.module.css";
import { Term } from "../../ui/Term";
import { ReasonField, RefusedCommand } from "../steering/CommandStatus";
import { LIMITS, type Steering } from "../steering/useSteering";
import styles from "./budget.module.css";

interface LimitsFormProps {
  view: View;
  telemetry: Telemetry | null;
  moment: Moment;
  steering: Steering;
  close: () => void;
}

export function LimitsForm({ view, telemetry, moment, steering, close }: LimitsFormProps) {
  const now = effectiveLimits(view, telemetry);
  const bounds = useLimits()?.budget;
  // Untouched fields follow the search, because a colleague may change another limit meanwhile.
  const [draft, setDraft] = useState<Partial<FieldTexts>>({});
  const fields: FieldTexts = { ...fieldTexts(now), ...draft };
  const [errors, setErrors] = useState<FieldErrors>({});
  const form = useRef<HTMLFormElement>(null);
  useEffect(() => form.current?.querySelector("input")?.focus(), []);
  // biome-ignore lint/correctness/useExhaustiveDependencies: errors make the form higher
  useEffect(() => {
    form.current?.scrollIntoView({ block: "nearest" });
  }, [errors]);

  const type = (key: keyof FieldTexts, text: string) => {
    setDraft((old) => ({ ...old, [key]: text }));
    setErrors((old) => Object.fromEntries(Object.entries(old).filter(([field]) => field !== key)));
  };
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    if (steering.busy) return; // the button stays enabled meanwhile, for a disabled one loses the focus
    const change = limitChange(fields, now, bounds);
    setErrors(change.errors);
    const [wrong] = Object.keys(change.errors);
    if (wrong) {
      document.getElementById(`change-${wrong}`)?.focus();
      steering.dismiss(LIMITS); // an earlier refusal is about other texts
      return;
    }
    const reason = steering.reason(LIMITS);
    const { budget, weight } = change;
    if (budget && !(await steering.send(LIMITS, { kind: "set_budget", budget, reason }))) return;
    if (weight !== null && !(await steering.send(LIMITS, { kind: "set_weight", weight, reason }))) return;
    close();
  };
  const leave = () => {
    steering.dismiss(LIMITS);
    close();
  };
  return (
    <form
      ref={form}
      className={styles.limitsForm}
      aria-label="Limits"
      noValidate
      onSubmit={(event) => void submit(event)}
      onKeyDown={(event) => event.key === "Escape" && leave()}
    >
      {ALL.map((words) => {
        const { key, name } = words;
        const value = moment.cost && limitedValue(moment.cost, key);
        const limit = limitOf(words, fields[key]);
        const whole = view.ends.largest ?? view.start;
        const full = (whole && limitedValue(whole, key)) ?? limit ?? 1;
        const id = `change-${key}`;
        return (
          <div className={clsx(gauge.gauge, gauge.stacked, styles.change)} key={key}>
            <span>
              <label htmlFor={id}>{name}</label> <Term name={key} />
            </span>
            <CostBar value={value} full={full} limit={limit} />
            <NumberBox
              id={id}
              unit={null}
              value={fields[key]}
              placeholder="no limit"
              onChange={(text) => type(key, text)}
              {...errorProps(id, errors[key])}
            />
            {limit !== null && !errors[key] && <p className="sub">= {limitInFull(words, limit)}</p>}
            {errors[key] && <FieldError id={`${id}-error`}>{errors[key]}</FieldError>}
          </div>
        );
      })}
      {fields.latency.trim() !== "" && (
        <div className={clsx(gauge.gauge, gauge.stacked, styles.change)}>
          <label htmlFor="change-device">Measured on</label>
          <DeviceSelect
            id="change-device"
            device={fields.device || null}
            onDevice={(device) => setDraft((old) => ({ ...old, device: device ?? "" }))}
          />
        </div>
      )}
      {now.weight !== null && (
        <div className={clsx(gauge.gauge, gauge.stacked, styles.change)}>
          <span>
            <label htmlFor="change-weight">Cost weight</label> <Term name="costWeight" />
          </span>
          <span className={clsx("sub", styles.note)}>accuracy points per 10× lower cost</span>
          <NumberBox
            id="change-weight"
            unit={null}
            value={fields.weight}
            onChange={(text) => type("weight", text)}
            {...errorProps("change-weight", errors.weight)}
          />
          {errors.weight && <FieldError id="change-weight-error">{errors.weight}</FieldError>}
        </div>
      )}
      <ReasonField origin={LIMITS} steering={steering} className={styles.reason} />
      <RefusedCommand origin={LIMITS} steering={steering} />
      <div className={styles.actions}>
        <button type="submit" className="btn small" aria-disabled={steering.busy}>
          Apply
        </button>
        <button type="button" className="btn small quiet" onClick={leave}>
          Cancel
        </button>
        <span className="sub">Takes effect after the current step.</span>
      </div>
    </form>
  );
}

function errorProps(id: string, errors: string | undefined) {
  return { "aria-invalid": Boolean(errors), ...(errors && { "aria-describedby": `${id}-error` }) };
}
