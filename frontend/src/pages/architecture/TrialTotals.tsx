// The total of a trial: the network's cost now and after the edits, against the limits of a device or its own.

import clsx from "clsx";
import type { ArchitectureDetail, DeviceProfile } from "../../api/types";
import { LIMITS, limitedValue } from "../../format/costs";
import { formatSigned } from "../../format/numbers";
import { capitalise, plural } from "../../format/text";
import { Announcer } from "../../ui/Announcer";
import { CostBar } from "../../ui/CostBar";
import gauge from "../../ui/gauge.module.css";
import { describeExceeded } from "../../whatif/edits";
import type { Trial } from "../../whatif/useTrial";
import styles from "./trial.module.css";

export const OWN = "own";

interface TrialTotalsProps {
  architecture: ArchitectureDetail;
  profiles: readonly DeviceProfile[];
  limits: string;
  onLimits: (limits: string) => void;
  budget: ArchitectureDetail["budget"];
  edits: number;
  trial: Trial;
  onReset: () => void;
  onUndo: () => void;
}

export function TrialTotals(props: TrialTotalsProps) {
  const { architecture, profiles, limits, onLimits, budget, edits, trial, onReset, onUndo } = props;
  const limited = budget !== null && LIMITS.some(({ key }) => typeof budget[key] === "number");
  const word = trial.total ? describeExceeded(trial.total.over, limited) : "";
  return (
    <section className={styles.totals} aria-label="Cost with these changes">
      <header>
        <b>{edits === 0 ? "Unchanged" : plural(edits, "change")}</b>
        <button type="button" className="btn small" disabled={edits === 0} onClick={onUndo}>
          Undo
        </button>
        <button type="button" className="btn small" disabled={edits === 0} onClick={onReset}>
          Reset
        </button>
        <label>
          <span>Limits</span>
          <select value={limits} onChange={(event) => onLimits(event.target.value)}>
            <option value="">None</option>
            {architecture.budget && <option value={OWN}>Limits of its search</option>}
            {profiles.map(({ name, title }) => (
              <option key={name} value={name}>
                {title}
              </option>
            ))}
          </select>
        </label>
      </header>
      {LIMITS.filter(({ key }) => key !== "latency").map(({ key, name, show }) => {
        const was = limitedValue(architecture.cost, key) ?? 0;
        const now = trial.total && limitedValue(trial.total.cost, key);
        const limit = budget?.[key] ?? null;
        return (
          <div className={clsx(gauge.gauge, gauge.wide)} key={key}>
            <span>{name}</span>
            <CostBar value={was} full={was} limit={limit} after={now} />
            <span className={gauge.figure}>
              <b>{now === null ? "…" : show(now)}</b>
              {now !== null && now !== was && <span>{formatSigned(now - was, show)}</span>}
              {limit !== null && <span>≤ {show(limit)}</span>}
            </span>
          </div>
        );
      })}
      {word && <p className={word.startsWith("over") ? "over" : "ok"}>{capitalise(word)}.</p>}
      {typeof budget?.latency === "number" && (
        <p className="sub">The latency limit is not checked here, because latency must be measured.</p>
      )}
      <p className="sub">Changes are not saved.</p>
      <Announcer>{trial.total && edits > 0 ? describeTotal(trial, word) : ""}</Announcer>
    </section>
  );
}

function describeTotal({ total }: Trial, word: string): string {
  if (!total) return "";
  const costs = LIMITS.flatMap(({ key, inline, show }) => {
    const value = limitedValue(total.cost, key);
    return value === null ? [] : [`${show(value)} ${inline}`];
  });
  return `${costs.join(", ")}${word && `; ${word}`}.`;
}
