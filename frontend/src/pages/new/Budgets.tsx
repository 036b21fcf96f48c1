// The limits of a new search, with presets by share and by device.

import type { DeviceProfile, Preview } from "../../api/types";
import {
  COSTS,
  type CostDefinition,
  type CostKey,
  type CostUnit,
  LIMITS,
  type LimitKey,
} from "../../format/costs";
import { formatPercent } from "../../format/numbers";
import { plural } from "../../format/text";
import type { Errors } from "../../ui/forms/schema";
import { Term } from "../../ui/Term";
import { BudgetBar } from "./BudgetBar";
import { type Limits, rangeOf } from "./budget";
import { type Change, type Form, PLANS, type Plan } from "./draft";
import { LatencyBudget } from "./LatencyBudget";
import { Profiles } from "./Profiles";

interface BudgetsProps {
  form: Form;
  limits: Limits;
  profiles: readonly DeviceProfile[];
  preview: Preview | undefined;
  behind: boolean;
  errors: Errors;
  unitOf: (key: LimitKey) => CostUnit;
  change: (change: Change) => void;
}

const ELEMENTS: Readonly<Record<number, string>> = { 4: "float32", 2: "float16", 1: "int8" };

export function Budgets(props: BudgetsProps) {
  const { form, limits, profiles, preview, behind, errors, unitOf, change } = props;
  const typing = (key: LimitKey) => (text: string) => {
    const units = LIMITS.find((each) => each.key === key)?.units ?? [];
    change({ kind: "type", key, text, unit: unitOf(key), units, from: limits });
  };
  return (
    <div className={behind ? "behind" : ""} aria-busy={behind}>
      <Profiles profiles={profiles} chosen={form.profile} change={change} />
      <div className="plans">
        <PlanPicker plan={form.plan} change={change} />
        <div className="elements">
          <span>
            <label htmlFor="precision">Precision on the device</label> <Term name="precision" />
          </span>
          <select
            id="precision"
            value={form.bytes}
            onChange={(event) => change({ kind: "bytes", bytes: Number(event.target.value) })}
          >
            {Object.entries(ELEMENTS).map(([bytes, name]) => (
              <option key={bytes} value={bytes}>
                {name}, {plural(Number(bytes), "byte")}
              </option>
            ))}
          </select>
        </div>
      </div>
      {COSTS.map((words) => (
        <BudgetBar
          key={words.key}
          words={words}
          note={noteOf(words, form.bytes)}
          unit={unitOf(words.key)}
          range={preview ? rangeOf(words.key, preview) : null}
          limit={limits[words.key]}
          text={form.typing[words.key]?.text}
          error={errors[`budget.${words.key}`]}
          onType={typing(words.key)}
          onSettle={() => change({ kind: "settle", key: words.key })}
          onLimit={(value) => change({ kind: "limit", key: words.key, value, from: limits })}
        />
      ))}
      <LatencyBudget
        limit={limits.latency}
        device={form.device}
        text={form.typing.latency?.text}
        error={errors["budget.latency"] ?? errors["budget.device"]}
        onType={typing("latency")}
        onSettle={() => change({ kind: "settle", key: "latency" })}
        onDevice={(device) => change({ kind: "device", device })}
      />
    </div>
  );
}

/** The published protocol has no limits, so there is nothing to set. */
export function NoBudgets() {
  return (
    <p className="no-budgets q">
      The published protocol has no limits; it lowers the score of cells that cost more. To set limits, select
      the Espalier protocol under Method.
    </p>
  );
}

function PlanPicker({ plan, change }: { plan: Plan; change: (change: Change) => void }) {
  const plans: [keyof typeof PLANS | "none", string, string][] = [
    ...Object.entries(PLANS).map(([name, { title, share }]): [keyof typeof PLANS, string, string] => [
      name as keyof typeof PLANS,
      title,
      `Every limit ${formatPercent(share, 0)} of the way from the smallest cell to the dense cell`,
    ]),
    ["none", "No limits", "The search keeps the cell with the best score, whatever it costs"],
  ];
  return (
    <div className="chips" role="radiogroup" aria-label="Preset limits">
      {plans.map(([name, title, about]) => (
        <label key={name} title={about}>
          <input
            type="radio"
            name="plan"
            checked={plan === name}
            onChange={() => change({ kind: "plan", plan: name })}
          />
          <span>{title}</span>
        </label>
      ))}
      {(plan === "own" || plan === "profile") && (
        <label>
          <input type="radio" name="plan" checked readOnly />
          <span>{plan === "own" ? "Custom" : "Device limits"}</span>
        </label>
      )}
    </div>
  );
}

function noteOf({ key }: CostDefinition<CostKey>, bytes: number): string {
  if (key === "params") return "with batch norm";
  if (key === "macs") return "per input";
  return `${ELEMENTS[bytes] ?? `${bytes} bytes`}, batch size 1`;
}
