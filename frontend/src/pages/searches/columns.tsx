// The columns of the list of searches.
import { Link } from "react-router";
import type { SearchRow } from "../../api/types";
import { LIMITS, limitedValue } from "../../format/costs";
import { formatDateTime } from "../../format/dates";
import { formatInteger } from "../../format/numbers";
import { plural } from "../../format/text";
import { CostBar } from "../../ui/CostBar";
import { ascending, descending, listOfGroup } from "../../ui/lists/address";
import { dateColumn, EDGES, METHOD, STATUS } from "../../ui/lists/columns";
import type { TableDefinition } from "../../ui/lists/EntryTable";
import { metricLabel, Result, resultSorts } from "../../ui/lists/Result";
import { SearchThumbnail } from "./SearchThumbnail";
import styles from "./searches.module.css";

export const SEARCHES: TableDefinition<SearchRow> = {
  id: (row) => row.id,
  entry: (row) => row,
  picture: (row) => <SearchThumbnail search={row.id} seq={row.seq} />,
  about: (row, names) => (
    <>
      {names.dataset(row.dataset)}
      {row.group && <Link to={listOfGroup(row.group.id)}>one of {plural(row.group.size, "seed")}</Link>}
    </>
  ),
  nameSort: ascending("name", "Name"),
  columns: [
    METHOD,
    STATUS,
    {
      title: "Step",
      number: true,
      spare: 2,
      sorts: [descending("step", "Step")],
      cell: (row) => formatInteger(row.step),
    },
    EDGES,
    { title: "Cost and limits", spare: 1, cell: (row) => <Limits row={row} /> },
    {
      title: "Best result",
      number: true,
      sorts: (rows) => resultSorts(rows),
      label: ({ metric }) => metricLabel(metric, "Best"),
      cell: (row) => <Result metric={row.metric} value={row.best_quality} trained={row.best_trained} />,
    },
    dateColumn("Created", formatDateTime),
  ],
};

/** One thin bar per limit, on a scale that ends at the limit or at the cost. */
function Limits({ row }: { row: SearchRow }) {
  const limited = LIMITS.filter(({ key }) => typeof row.budget[key] === "number");
  if (limited.length === 0) return <span className="sub">no limits</span>;
  return (
    <div className={styles.limits}>
      {limited.map(({ key, name, inline, show }) => {
        const limit = row.budget[key] ?? 0;
        const value = row.cost && limitedValue(row.cost, key);
        const words = value === null ? `limit ${show(limit)}` : `${show(value)}, limit ${show(limit)}`;
        return (
          <div key={key} title={`${name}: ${words}`}>
            <span className="sub">{inline}</span>
            <CostBar value={value} full={limit * 1.5} limit={limit} thin />
            <span className="sr">{words}</span>
          </div>
        );
      })}
    </div>
  );
}
