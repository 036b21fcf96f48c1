// The limits of a new search, with presets by share and by device.

import clsx from "clsx";
import type { DeviceProfile, Preview } from "../../api/types";
import { COSTS, type CostDefinition, type CostKey, type LimitKey } from "../../format/costs";
import { formatPercent } from "../../format/numbers";
import { precisionName } from "../../format/precision";
import { joinWords, plural } from "../../format/text";
import forms from "../../ui/forms/forms.module.css";
import type { Errors } from "../../ui/forms/schema";
import { Term } from "../../ui/Term";
import { BudgetBar } from "./BudgetBar";
import { type EndName, endName, type Limits, rangeOf } from "./budget";
import styles from "./budgets.module.css";
import { type Change, type FormValues, PLANS, type Plan } from "./formValues";
import { LatencyBudget } from "./LatencyBudget";
import page from "./new.module.css";
import { Profiles } from "./Profiles";
import type { Impossible } from "./verdict";

interface BudgetsProps {
  form: FormValues;
  limits: Limits;
  profiles: readonly DeviceProfile[];
  /** bytes of an element, as many as the server accepts */
  precisions: readonly number[];
  preview: Preview | undefined;
  behind: boolean;
  errors: Errors;
  impossible: readonly Impossible[];
  change: (change: Change) => void;
}

export function Budgets(props: BudgetsProps) {
  const { form, limits, profiles, precisions, preview, behind, errors, impossible, change } = props;
  const name = endName(preview?.graph.nodes ?? []);
  const typing = (key: LimitKey) => (text: string) => change({ kind: "type", key, text, from: limits });
  return (
    <div className={behind ? page.behind : undefined} aria-busy={behind}>
      <Profiles profiles={profiles} chosen={form.profile} change={change} />
      <div className={styles.plans}>
        <PlanPicker plan={form.plan} change={change} />
        <div className={styles.elements}>
          <span>
            <label htmlFor="precision">Precision on the device</label> <Term name="precision" />
          </span>
          <select
            id="precision"
            value={form.bytes}
            onChange={(event) => change({ kind: "bytes", bytes: Number(event.target.value) })}
          >
            {precisions.map((bytes) => (
              <option key={bytes} value={bytes}>
                {[...new Set([precisionName(bytes), plural(bytes, "byte")])].join(", ")}
              </option>
            ))}
          </select>
        </div>
        <PlanHelp name={name} />
      </div>
      {COSTS.map((words) => (
        <BudgetBar
          key={words.key}
          words={words}
          note={noteOf(words, form.bytes)}
          name={name}
          range={preview ? rangeOf(words.key, preview) : null}
          limit={limits[words.key]}
          text={form.typing[words.key]}
          error={errors[`budget.${words.key}`]}
          impossible={impossible.find((each) => each.words?.key === words.key)?.detail}
          onType={typing(words.key)}
          onSettle={() => change({ kind: "settle", key: words.key })}
          onLimit={(value) => change({ kind: "limit", key: words.key, value, from: limits })}
        />
      ))}
      <LatencyBudget
        limit={limits.latency}
        device={form.device}
        text={form.typing.latency}
        error={errors["budget.latency"] ?? errors["budget.device"]}
        onType={typing("latency")}
        onSettle={() => change({ kind: "settle", key: "latency" })}
        onDevice={(device) => change({ kind: "device", device })}
      />
    </div>
  );
}

/** A fixed protocol has no limits, so there is nothing to set. */
export function NoBudgets() {
  return (
    <p className={clsx("q", styles.noBudgets)}>
      The published protocol has no limits; it lowers the score of cells that cost more. To set limits, select
      another protocol under Method.
    </p>
  );
}

function PlanPicker({ plan, change }: { plan: Plan; change: (change: Change) => void }) {
  const presets = Object.entries(PLANS) as [keyof typeof PLANS, (typeof PLANS)[keyof typeof PLANS]][];
  const plans: [keyof typeof PLANS | "none", string][] = [
    ...presets.map(([name, { title }]): [keyof typeof PLANS, string] => [name, title]),
    ["none", "No limits"],
  ];
  return (
    <div className={styles.chips} role="radiogroup" aria-label="Preset limits">
      {plans.map(([name, title]) => (
        <label key={name}>
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

/** What each preset means, for all of them at once. */
function PlanHelp({ name }: { name: EndName }) {
  const shares = Object.values(PLANS).map(({ title, share }) => `${title} ${formatPercent(share, 0)}`);
  return (
    <p className={forms.help}>
      Each preset sets every limit part of the way from the{" "}
      <Term name="smallestCell">smallest {name.graph}</Term> to the{" "}
      {name.largest === "dense" ? <Term name="denseCell">dense cell</Term> : "first chain"}:{" "}
      {joinWords(shares)}. Without limits, the search keeps the {name.graph} with the best score, whatever it
      costs.
    </p>
  );
}

function noteOf({ key }: CostDefinition<CostKey>, bytes: number): string {
  if (key === "params") return "with batch norm";
  if (key === "macs") return "per input";
  return `${precisionName(bytes)}, batch size 1`;
}
