// What the network may cost: three limits, and three places to start from.
import type { Preview } from "../../api/types";
import { COSTS, type CostKey, type CostUnit, type CostWords } from "../../format";
import type { Errors } from "../../forms/schema";
import { BudgetBar } from "./BudgetBar";
import { type Limits, rangeOf } from "./budget";
import { type Change, type Form, PLANS, type Plan } from "./draft";

interface BudgetsProps {
  form: Form;
  limits: Limits;
  preview: Preview | undefined;
  behind: boolean;
  errors: Errors;
  unitOf: (key: CostKey) => CostUnit;
  change: (change: Change) => void;
}

const ELEMENTS: Readonly<Record<number, string>> = { 4: "float32", 2: "float16", 1: "int8" };

export function Budgets({ form, limits, preview, behind, errors, unitOf, change }: BudgetsProps) {
  return (
    <div className={behind ? "behind" : ""} aria-busy={behind}>
      <div className="plans">
        <PlanPicker plan={form.plan} change={change} />
        <label className="elements">
          <span>Bytes an element</span>
          <select
            value={form.bytes}
            onChange={(event) => change({ kind: "bytes", bytes: Number(event.target.value) })}
          >
            {Object.entries(ELEMENTS).map(([bytes, name]) => (
              <option key={bytes} value={bytes}>
                {bytes}, {name}
              </option>
            ))}
          </select>
        </label>
      </div>
      {COSTS.map((words) => (
        <BudgetBar
          key={words.key}
          words={words}
          note={noteOf(words, form.bytes)}
          unit={unitOf(words.key)}
          range={preview ? rangeOf(words.key, preview) : null}
          limit={limits[words.key]}
          text={form.typing[words.key]}
          error={errors[`budget.${words.key}`]}
          onType={(text) =>
            change({
              kind: "type",
              key: words.key,
              text,
              unit: unitOf(words.key),
              units: words.units,
              from: limits,
            })
          }
          onSettle={() => change({ kind: "settle", key: words.key })}
          onLimit={(value) => change({ kind: "limit", key: words.key, value, from: limits })}
        />
      ))}
    </div>
  );
}

function PlanPicker({ plan, change }: { plan: Plan; change: (change: Change) => void }) {
  const plans: [Plan, string, string][] = [
    ...Object.entries(PLANS).map(([name, { title, share }]): [Plan, string, string] => [
      name as Plan,
      title,
      `Every limit ${Math.round(share * 100)} % of the way from the smallest to the dense cell`,
    ]),
    ["none", "No limits", "The search keeps the best score, whatever it costs"],
  ];
  return (
    <div className="chips" role="radiogroup" aria-label="Limits to start from">
      {plans.map(([name, title, about]) => (
        <label key={name} title={about}>
          <input
            type="radio"
            name="plan"
            checked={plan === name}
            onChange={() => change({ kind: "plan", plan: name as Exclude<Plan, "own"> })}
          />
          <span>{title}</span>
        </label>
      ))}
      {plan === "own" && (
        <label>
          <input type="radio" name="plan" checked readOnly />
          <span>Own limits</span>
        </label>
      )}
    </div>
  );
}

function noteOf({ key }: CostWords, bytes: number): string {
  if (key === "params") return "batch norm included";
  if (key === "macs") return "1 multiply-add = 1";
  return `${ELEMENTS[bytes] ?? `${bytes} bytes`}, batch 1`;
}
