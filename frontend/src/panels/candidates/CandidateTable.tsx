// All candidates of a round as a table, which the server sorts and pages: events show only the first of them.

import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { api, unwrap } from "../../api/client";
import type { CandidateField, CandidatePage, CandidateSort } from "../../api/types";
import { COSTS } from "../../format/costs";
import { isLowerBetter, metricName, metricTitle } from "../../format/metrics";
import { formatInteger, formatQuality, formatScore, type QualityMetric } from "../../format/numbers";
import { plural } from "../../format/text";
import { nodeChanges } from "../../live/edits";
import type { Edits } from "../../live/events";
import type { View } from "../../live/view";
import { candidateMetric, doneWord } from "../../search-view/candidateMetric";
import { changeName } from "../../search-view/changeText";
import type { Moment } from "../../search-view/moment";
import dataTable from "../../ui/dataTable.module.css";
import { errorMessage } from "../../ui/Notice";
import { Term } from "../../ui/Term";
import styles from "./candidates.module.css";

interface CandidateTableProps {
  search: string;
  view: View;
  moment: Moment;
  /** the greatest `seq` of the table */
  newest: number;
}

const PAGE = 50;
const FIELDS: readonly CandidateField[] = [
  "id",
  "status",
  "label",
  "edits",
  "quality",
  "score",
  "params",
  "macs",
  "peak_memory",
];

type SortKey = "id" | "quality" | "score" | "params" | "macs" | "peak_memory";

export function CandidateTable({ search, view, moment, newest }: CandidateTableProps) {
  const metric = candidateMetric(view);
  // The best come first: high scores and accuracies, low costs and perplexities.
  const [sort, setSort] = useState(bestFirst("score", metric));
  const [offset, setOffset] = useState(0);
  const [front, setFront] = useState(false);
  const query = {
    branch: view.branch,
    first_id: view.candidates.first,
    last_id: view.candidates.first + Math.max(0, view.candidates.count - 1),
    ...{ sort, offset, limit: PAGE, fields: FIELDS.join() },
    ...(front && { pareto: "quality,macs" }),
  };
  const { data, error } = useQuery({
    queryKey: ["candidates", search, query, moment.head ? newest : null],
    queryFn: () =>
      unwrap(api.GET("/api/searches/{id}/candidates", { params: { path: { id: search }, query } })),
    placeholderData: keepPreviousData,
  });
  const order = (key: SortKey) => {
    const best = bestFirst(key, metric);
    const worst = best === key ? (`-${key}` as const) : key;
    setSort(sort === best ? worst : best);
    setOffset(0);
  };
  const heading = (key: SortKey, name: string) => (
    <th
      key={key}
      className={key === "id" ? undefined : dataTable.n}
      aria-sort={sort === key ? "ascending" : sort === `-${key}` ? "descending" : "none"}
    >
      <button type="button" onClick={() => order(key)}>
        {name}
      </button>
    </th>
  );
  const count = data?.count ?? 0;
  return (
    <div>
      <p className="sub">
        {error ? `The candidates could not be loaded. ${errorMessage(error)}` : plural(count, "candidate")}{" "}
        <label>
          <input
            type="checkbox"
            checked={front}
            onChange={(event) => {
              setFront(event.target.checked);
              setOffset(0);
            }}
          />{" "}
          only the <Term name="front">Pareto front</Term> of {metricName(metric)} and MACs
        </label>
      </p>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: scrollable areas must be focusable */}
      <section className={styles.scroll} tabIndex={0} aria-label="Table of candidates">
        <table className={dataTable.table}>
          <thead>
            <tr>
              {heading("id", "Candidate")}
              <th>State</th>
              {heading("quality", metricTitle(metric))}
              {heading("score", "Score")}
              {COSTS.map(({ key, name }) => heading(key, name))}
            </tr>
          </thead>
          <tbody>{data && <Rows page={data} view={view} />}</tbody>
        </table>
      </section>
      {count > PAGE && (
        <nav aria-label="Pages of candidates">
          <button
            type="button"
            className="btn small"
            disabled={offset === 0}
            onClick={() => setOffset(Math.max(0, offset - PAGE))}
          >
            Previous
          </button>{" "}
          <span className="sub">
            {formatInteger(offset + 1)} to {formatInteger(Math.min(count, offset + PAGE))}
          </span>{" "}
          <button
            type="button"
            className="btn small"
            disabled={offset + PAGE >= count}
            onClick={() => setOffset(offset + PAGE)}
          >
            Next
          </button>
        </nav>
      )}
    </div>
  );
}

function Rows({ page: { columns }, view }: { page: CandidatePage; view: View }) {
  const metric = candidateMetric(view);
  return (columns.id ?? []).map((id, i) => {
    const edits = columns.edits?.[i] as Edits | undefined;
    const label = columns.label?.[i] ?? null;
    return (
      <tr key={id}>
        <td>
          {edits ? changeName({ edits, label, changes: nodeChanges(edits, view.nodes) }) : `candidate ${id}`}
        </td>
        <td>{statusWord(columns.status?.[i] ?? "waiting", view)}</td>
        <td className={dataTable.n}>{formatQuality(columns.quality?.[i] ?? null, metric)}</td>
        <td className={dataTable.n}>{formatScore(columns.score?.[i] ?? null)}</td>
        {COSTS.map(({ key, show }) => (
          <td key={key} className={dataTable.n}>
            {show(columns[key]?.[i] ?? null)}
          </td>
        ))}
      </tr>
    );
  });
}

function statusWord(status: NonNullable<CandidatePage["columns"]["status"]>[number], view: View): string {
  return { waiting: "waiting", skipped: "skipped", ok: doneWord(view), error: "failed" }[status];
}

function bestFirst(key: SortKey, metric: QualityMetric): CandidateSort {
  return key === "score" || (key === "quality" && !isLowerBetter(metric)) ? `-${key}` : key;
}
