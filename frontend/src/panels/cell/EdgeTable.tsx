// Every edge as a row of a sortable table.

import { useState } from "react";
import { STATE_WORDS, type Target } from "../../dag/graph";
import { type CostDefinition, LIMITS, type LimitKey, limitedValue } from "../../format/costs";
import { formatSigned, type QualityMetric } from "../../format/numbers";
import { formatEdge } from "../../format/text";
import type { Cost } from "../../live/events";
import { formatImportance, testCount } from "../../search-view/explanation";
import type { Moment } from "../../search-view/moment";
import type { MomentEdge } from "../../search-view/momentParts";
import dataTable from "../../ui/dataTable.module.css";
import { Term } from "../../ui/Term";
import type { Prices } from "../../whatif/edits";
import styles from "./cell.module.css";
import { PendingLabel } from "./PendingLabel";
import { PickButton } from "./PickButton";

type SortKey = "edge" | "state" | "importance" | "tests";

const COLUMNS: { key: SortKey; name: string; number: boolean }[] = [
  { key: "edge", name: "Edge", number: false },
  { key: "state", name: "State", number: false },
  { key: "importance", name: "Importance", number: true },
  { key: "tests", name: "Tested", number: true },
];

const ORDER: Record<MomentEdge["state"], number> = {
  next: 0,
  locked: 1,
  infeasible: 2,
  active: 3,
  removed: 4,
};

const COMPARE: Record<SortKey, (a: MomentEdge, b: MomentEdge) => number> = {
  edge: (a, b) => a.source - b.source || a.target - b.target,
  state: (a, b) => ORDER[a.state] - ORDER[b.state],
  importance: (a, b) =>
    (a.importance ?? Number.POSITIVE_INFINITY) - (b.importance ?? Number.POSITIVE_INFINITY),
  tests: (a, b) => a.tests - b.tests,
};

interface EdgeTableProps {
  metric: QualityMetric;
  moment: Moment;
  /** costs without each active edge, and with each removed one restored */
  prices: Prices;
  focus: Target | null;
  pick: (target: Target | null) => void;
  onKey: (key: string, target?: Target) => boolean;
}

export function EdgeTable({ metric, moment, prices, focus, pick, onKey }: EdgeTableProps) {
  const [sort, setSort] = useState<{ key: SortKey; down: boolean }>({ key: "state", down: false });
  const rows = [...moment.edges].sort(
    (a, b) => COMPARE[sort.key](a, b) * (sort.down ? -1 : 1) || COMPARE.edge(a, b),
  );
  const costs = new Map(moment.candidates.map((c) => [c.edge, c.cost]));
  const now = moment.cost;
  const timed = moment.budget?.latency !== null || moment.candidates.some((c) => c.cost.latency !== null);
  const columns = LIMITS.filter(({ key }) => key !== "latency" || timed);
  return (
    <table className={dataTable.table}>
      <caption className="sr">Edges, with the change of each cost if the edge is cut or restored</caption>
      <thead>
        <tr>
          {COLUMNS.map(({ key, name, number }) => {
            const on = sort.key === key;
            return (
              <th
                key={key}
                className={number ? dataTable.n : undefined}
                aria-sort={on ? (sort.down ? "descending" : "ascending") : "none"}
              >
                <button type="button" onClick={() => setSort({ key, down: on && !sort.down })}>
                  {name}
                </button>
                {key === "importance" && <Term name="importance" />}
                {key === "edge" && <Term name="edge" />}
              </th>
            );
          })}
          {columns.map(({ key, name }) => (
            <th key={key} className={dataTable.n}>
              Δ {name}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {rows.map((edge) => (
          <Row
            key={edge.id}
            edge={edge}
            tests={testCount(edge, moment)}
            after={costs.get(edge.id) ?? prices.get(edge.id)?.cost ?? undefined}
            now={now}
            metric={metric}
            columns={columns}
            on={edge.id === focus}
            pick={pick}
            onKey={onKey}
          />
        ))}
      </tbody>
    </table>
  );
}

interface RowProps {
  metric: QualityMetric;
  columns: readonly CostDefinition<LimitKey>[];
  edge: MomentEdge;
  tests: number;
  after: Cost | undefined;
  now: Cost | null;
  on: boolean;
  pick: (target: Target | null) => void;
  onKey: (key: string, target?: Target) => boolean;
}

function Row({ metric, columns, edge, tests, after, now, on, pick, onKey }: RowProps) {
  return (
    <tr className={on ? dataTable.on : undefined} data-edge={edge.id} data-state={edge.state}>
      <td>
        <PickButton target={edge.id} on={on} pick={pick} onKey={onKey}>
          {formatEdge(edge.id)}
        </PickButton>
      </td>
      <td>
        <span className={styles.state}>
          {edge.state === "removed" ? edge.removal : STATE_WORDS[edge.state]}
        </span>
        <PendingLabel command={edge.pendingCommand} />
      </td>
      <td className={dataTable.n}>
        {edge.importance === null ? "–" : formatImportance(edge.importance, metric)}
      </td>
      <td className={dataTable.n}>{tests}</td>
      {columns.map(({ key, show }) => {
        const [from, to] = [now && limitedValue(now, key), after && limitedValue(after, key)];
        const known = typeof from === "number" && typeof to === "number";
        return (
          <td key={key} className={dataTable.n}>
            {known ? formatSigned(to - from, show) : "–"}
          </td>
        );
      })}
    </tr>
  );
}
