// The limits of a running search as fields: the bars show at once what would be over. Sent as commands that wait for the
// end of the round; when one is refused, everything typed stays.
import { type FormEvent, useEffect, useRef, useState } from "react";
import { LIMITS as ALL, spent } from "../../format/costs";
import type { View } from "../../live/events";
import type { Beside } from "../../live/messages";
import {
  askedFor,
  limitOf,
  shown,
  standing,
  type Typed,
  unitOf,
  type Wrong,
} from "../../search-view/limitFields";
import type { Moment } from "../../search-view/moment";
import { DeviceSelect } from "../../ui/DeviceSelect";
import { FieldError, NumberBox } from "../../ui/forms/Fields";
import { Track } from "../../ui/Track";
import { Reason, Refused } from "../steering/Asked";
import { LIMITS, type Steering } from "../steering/useSteering";

interface LimitsProps {
  view: View;
  beside: Beside | null;
  moment: Moment;
  steering: Steering;
  close: () => void;
}

export function Limits({ view, beside, moment, steering, close }: LimitsProps) {
  const now = standing(view, beside);
  // What is not touched follows the search: somebody else may change another limit meanwhile.
  const [draft, setDraft] = useState<Partial<Typed>>({});
  const fields: Typed = { ...shown(now, view), ...draft };
  const [wrong, setWrong] = useState<Wrong>({});
  const form = useRef<HTMLFormElement>(null);
  useEffect(() => form.current?.querySelector("input")?.focus(), []);

  const type = (key: keyof Typed, text: string) => {
    setDraft((old) => ({ ...old, [key]: text }));
    setWrong((old) => Object.fromEntries(Object.entries(old).filter(([field]) => field !== key)));
  };
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    const asked = askedFor(fields, now, view);
    setWrong(asked.wrong);
    if (Object.keys(asked.wrong).length > 0) return;
    const reason = steering.reason(LIMITS);
    const { budget, weight } = asked;
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
      className="limits-form"
      aria-label="Limits"
      noValidate
      onSubmit={(event) => void submit(event)}
      onKeyDown={(event) => event.key === "Escape" && leave()}
    >
      {ALL.map((words) => {
        const { key, name, definition } = words;
        const value = moment.cost && spent(moment.cost, key);
        const limit = limitOf(words, fields[key], now, view) ?? null;
        const full = (view.dense && spent(view.dense, key)) ?? limit ?? 1;
        const id = `change-${key}`;
        return (
          <div className="gauge change" key={key}>
            <label htmlFor={id} title={definition}>
              {name}
            </label>
            <Track value={value} full={full} limit={limit} />
            <NumberBox
              id={id}
              unit={unitOf(words, view).sign}
              value={fields[key]}
              placeholder="no limit"
              onChange={(text) => type(key, text)}
              {...described(id, wrong[key])}
            />
            {wrong[key] && <FieldError id={`${id}-error`}>{wrong[key]}</FieldError>}
          </div>
        );
      })}
      {fields.latency.trim() !== "" && (
        <div className="gauge change">
          <label htmlFor="change-device">Latency on</label>
          <DeviceSelect
            id="change-device"
            device={fields.device || null}
            onDevice={(device) => setDraft((old) => ({ ...old, device: device ?? "" }))}
          />
        </div>
      )}
      {now.weight !== null && (
        <div className="gauge change">
          <label htmlFor="change-weight">Weight of cost</label>
          <span className="sub">score for a tenth of the cost</span>
          <NumberBox
            id="change-weight"
            unit={null}
            value={fields.weight}
            onChange={(text) => type("weight", text)}
            {...described("change-weight", wrong.weight)}
          />
          {wrong.weight && <FieldError id="change-weight-error">{wrong.weight}</FieldError>}
        </div>
      )}
      <Reason place={LIMITS} steering={steering} />
      <Refused place={LIMITS} steering={steering} />
      <div className="acts">
        <button type="submit" className="btn small" disabled={steering.busy}>
          Ask for these
        </button>
        <button type="button" className="btn small quiet" onClick={leave}>
          Leave as it is
        </button>
        <span className="sub">They hold from the end of this round.</span>
      </div>
    </form>
  );
}

function described(id: string, wrong: string | undefined) {
  return { "aria-invalid": Boolean(wrong), ...(wrong && { "aria-describedby": `${id}-error` }) };
}
