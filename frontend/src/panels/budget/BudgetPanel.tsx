// The budget panel: the cell's costs against their limits, what cutting the edge in focus would change, and a form to change the limits.

import clsx from "clsx";
import { useEffect, useRef, useState } from "react";
import { useDeviceName } from "../../api/devices";
import { nodeNumber } from "../../dag/graph";
import { LIMITS, limitedValue } from "../../format/costs";
import { formatExcess, formatLatency, formatNumber } from "../../format/numbers";
import { formatEdge } from "../../format/text";
import type { Cost } from "../../live/events";
import type { Telemetry } from "../../live/messages";
import type { View } from "../../live/view";
import { changesCell } from "../../search-view/changeText";
import { describeLatency } from "../../search-view/latencyText";
import type { Moment } from "../../search-view/moment";
import { exceededLimits } from "../../search-view/momentCandidates";
import { CostBar } from "../../ui/CostBar";
import gauge from "../../ui/gauge.module.css";
import { Term } from "../../ui/Term";
import { PendingCommand, RefusedCommand } from "../steering/CommandStatus";
import { editLock } from "../steering/editLock";
import { LIMITS as PLACE, type Steering } from "../steering/useSteering";
import styles from "./budget.module.css";
import { LimitsForm } from "./LimitsForm";
import { describeRange } from "./range";

interface BudgetPanelProps {
  view: View;
  telemetry: Telemetry | null;
  moment: Moment;
  steering: Steering;
  /** the edge in focus, and the cost without it if known */
  focus: string | null;
  after: Cost | null;
}

export function BudgetPanel({ view, telemetry, moment, steering, focus, after }: BudgetPanelProps) {
  const [changing, setChanging] = useState(false);
  const change = useRef<HTMLButtonElement>(null);
  const was = useRef(false);
  // Return the focus to the button when the form closes.
  useEffect(() => {
    if (was.current && !changing) change.current?.focus();
    was.current = changing;
  }, [changing]);
  const { cost, budget } = moment;
  const may = moment.head && !moment.over && view.budget !== null;
  const waiting = may
    ? (telemetry?.pending ?? []).filter((c) => c.kind === "set_budget" || c.kind === "set_weight")
    : [];
  const limited = budget && LIMITS.some(({ key }) => typeof budget[key] === "number");
  const overAny = budget && cost && exceededLimits(cost, budget).length > 0;
  const summary =
    after && focus
      ? describeWhatIf(focus, moment)
      : !limited
        ? "no limits"
        : overAny || !cost
          ? ""
          : "fits all limits";
  return (
    <section className="plate" aria-label="Budgets">
      <header>
        <h2>Budgets</h2>
        <span className="sub">{changing ? "" : summary}</span>
        {may && !changing && (
          <button
            ref={change}
            type="button"
            className="btn small quiet end"
            onClick={() => setChanging(true)}
            {...editLock(moment, steering)}
          >
            Change
          </button>
        )}
      </header>
      {changing ? (
        <LimitsForm
          view={view}
          telemetry={telemetry}
          moment={moment}
          steering={steering}
          close={() => setChanging(false)}
        />
      ) : (
        <Bars view={view} moment={moment} focus={focus} after={after} />
      )}
      {waiting.map((command) => (
        <PendingCommand key={command.id} command={command} origin={PLACE} steering={steering} />
      ))}
      {!changing && <RefusedCommand origin={PLACE} steering={steering} />}
    </section>
  );
}

function describeWhatIf(focus: string, moment: Moment): string {
  if (nodeNumber(focus) !== null) return `Orange: saved by cutting node ${focus}`;
  const name = formatEdge(focus);
  return moment.activeEdges.has(focus)
    ? `Orange: saved by cutting ${name}`
    : `Orange: added by restoring ${name}`;
}

function Bars({ view, moment, focus, after }: Pick<BudgetPanelProps, "view" | "moment" | "focus" | "after">) {
  const { cost, budget } = moment;
  const timed = useLatencyNote(moment, focus, after);
  return (
    <>
      {LIMITS.map((words) => {
        const { key, name, show } = words;
        const value = cost && limitedValue(cost, key);
        const limit = budget?.[key] ?? null;
        if (key === "latency" && value === null && limit === null) return null; // not limited and not measured
        const then = after && limitedValue(after, key);
        const whole = view.ends.largest ?? view.start;
        const full = (whole && limitedValue(whole, key)) ?? limit ?? 1;
        return (
          <div
            className={clsx(gauge.gauge, gauge.stacked)}
            key={key}
            title={key === "latency" ? timed.title : undefined}
          >
            <span>
              <Term name={key}>{name}</Term>
            </span>
            <CostBar value={value} full={full} limit={limit} after={then} />
            <span className={gauge.figure}>
              <b>{show(value)}</b>
              <Verdict value={value} limit={limit} />
              {limit !== null && (
                <span>
                  <span className="sr">limit </span>
                  {show(limit)}
                </span>
              )}
            </span>
            <span className={clsx("sub", gauge.spread)}>
              {key === "latency" ? timed.text : describeRange(view, words, [value, then])}
            </span>
          </div>
        );
      })}
      {moment.head && view.weight !== null && (
        <div className={clsx(gauge.gauge, gauge.stacked, styles.weight)}>
          <span>
            <Term name="costWeight">Cost weight</Term>
          </span>
          <span className={gauge.figure}>
            <b>{formatNumber(view.weight)}</b>
          </span>
        </div>
      )}
    </>
  );
}

/** Where latency was measured and its spread: of the present cell, or of the cell without the edge in focus. */
function useLatencyNote(
  moment: Moment,
  focus: string | null,
  after: Cost | null,
): { text: string; title?: string } {
  const device = useDeviceName(moment.budget?.device);
  const edge = after ? focus : null;
  const latency = moment.candidates.find(
    (c) => c.edge === edge && (edge !== null || !changesCell(c)),
  )?.latency;
  if (latency) {
    const of = edge === null ? "This cell" : `Without ${formatEdge(edge)}`;
    return {
      text: `${of}: ${formatLatency(latency.low)} to ${formatLatency(latency.high)}${moment.budget?.device ? `, ${device}` : ""}`,
      title: describeLatency(latency),
    };
  }
  return { text: `median, on ${device}` };
}

function Verdict({ value, limit }: { value: number | null; limit: number | null }) {
  if (limit === null) return <span>no limit</span>;
  if (value === null) return null;
  if (value <= limit) return <span className="ok">fits</span>;
  return <span className="over">{formatExcess(value, limit)}</span>;
}
