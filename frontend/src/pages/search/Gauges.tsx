// Budgets: what the cell costs, each limit, and what the edge in focus would change.
import { COSTS, costOf } from "../../format";
import type { Cost, View } from "../../live/events";
import { Track } from "../../parts/Track";
import { edgeName } from "../../units";
import type { Moment } from "./moment";

interface GaugesProps {
  view: View;
  moment: Moment;
  /** the edge in focus, and the cost without it where that is known */
  focus: string | null;
  after: Cost | null;
}

export function Gauges({ view, moment, focus, after }: GaugesProps) {
  const { cost, budget } = moment;
  const limited = budget && COSTS.some(({ key }) => budget[key] !== null);
  const overAny = budget && cost && COSTS.some(({ key }) => exceeds(costOf(cost, key), budget[key]));
  const summary =
    after && focus
      ? `what if ${edgeName(focus)} goes: vermillion`
      : !limited
        ? "no limits"
        : overAny || !cost
          ? ""
          : "inside every limit";
  return (
    <section className="plate budgets" aria-label="Budgets">
      <header>
        <h2>Budgets</h2>
        <span className="sub">{summary}</span>
      </header>
      {COSTS.map(({ key, name, definition, show }) => {
        const value = cost ? costOf(cost, key) : null;
        const limit = budget?.[key] ?? null;
        const full = view.dense ? costOf(view.dense, key) : (limit ?? 1);
        const then = after ? costOf(after, key) : null;
        const least = view.smallest ? `; smallest ${show(costOf(view.smallest, key))}` : "";
        return (
          <div className="gauge" key={key} title={`${definition}. Dense cell ${show(full)}${least}.`}>
            <span>{name}</span>
            <Track value={value} full={full} limit={limit} after={then} />
            <span className="v">
              <b>{show(value)}</b>
              <Verdict value={value} limit={limit} />
              {limit !== null && <span title="limit">{show(limit)}</span>}
            </span>
          </div>
        );
      })}
    </section>
  );
}

function Verdict({ value, limit }: { value: number | null; limit: number | null }) {
  if (limit === null) return <span>no limit</span>;
  if (value === null) return null;
  if (!exceeds(value, limit)) return <span className="ok">fits</span>;
  return <span className="over">{Math.max(1, Math.round((value / limit - 1) * 100))} % over</span>;
}

function exceeds(value: number, limit: number | null): boolean {
  return limit !== null && value > limit;
}
