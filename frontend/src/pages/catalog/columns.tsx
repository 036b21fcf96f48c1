// The columns of the catalog's two lists: architectures, and models trained from them.
import { Link } from "react-router";
import type { ArchitectureRow, ModelRow } from "../../api/types";
import { CellThumbnail } from "../../dag/Thumbnail";
import { COSTS, type CostDefinition, costOf } from "../../format/costs";
import { formatDay } from "../../format/dates";
import { formatCount, formatInteger, formatPercent } from "../../format/numbers";
import { EXPORTED_BYTES, precisionName } from "../../format/precision";
import { plural } from "../../format/text";
import { claimOf } from "../../ui/architecture/claim";
import { ascending, descending } from "../../ui/lists/address";
import { Below } from "../../ui/lists/Below";
import { dateColumn, EDGES, METHOD, STATUS } from "../../ui/lists/columns";
import type { Column, TableDefinition } from "../../ui/lists/EntryTable";
import { metricLabel, Result, resultSorts } from "../../ui/lists/Result";
import { CompareBox, type Compared } from "./Compared";
import styles from "./catalog.module.css";
import { largestCosts } from "./comparableRows";

export const PUBLISHED = "Published architectures are the same for all teams and cannot be changed.";

/** `front`: the ids of those on the Pareto front of the chart. `compared`: the rows to compare. */
export function architectureTable(
  rows: readonly ArchitectureRow[],
  front: ReadonlySet<string>,
  compared: Compared,
): TableDefinition<ArchitectureRow> {
  return {
    id: (row) => row.id,
    entry: (row) => row,
    fixed: (row) => (row.kind === "published" ? PUBLISHED : null),
    checkbox: { title: "Compare", box: (row) => <CompareBox row={row} compared={compared} /> },
    picture: (row) => <CellThumbnail graph={row.graph} form="trellis" width={82} height={38} />,
    about: (row, names) => (
      <>
        {row.dataset !== null && names.dataset(row.dataset)}
        <Reasons row={row} front={front} />
      </>
    ),
    nameSort: ascending("name", "Name"),
    columns: [
      METHOD,
      EDGES,
      ...costColumns(rows),
      {
        title: "Result",
        number: true,
        sorts: (rows) => resultSorts(rows),
        label: ({ metric }) => metricLabel(metric),
        cell: (row) => <Result {...claimOf(row)} trained={row.best_trained} />,
      },
      {
        title: "Added",
        spare: 1,
        sorts: [descending("created_at", "Added")],
        cell: (row) => <Added row={row} />,
      },
    ],
  };
}

export function costColumns(rows: readonly ArchitectureRow[]): Column<ArchitectureRow>[] {
  const most = largestCosts(rows);
  return COSTS.map((words) => ({
    title: words.name,
    number: true,
    sorts: [ascending(words.key, words.name)],
    terms: [words.key],
    cell: (row) => <Amount row={row} words={words} most={most[words.key]} />,
  }));
}

/** What sets a row apart: published, scaled, on the front, trained, or the same cell as others. */
function Reasons({ row, front }: { row: ArchitectureRow; front: ReadonlySet<string> }) {
  return (
    <>
      {row.kind === "published" && <span className="tag ref">published</span>}
      {row.kind === "scaled" && <span className="tag">scaled</span>}
      {front.has(row.id) && <span>on the Pareto front</span>}
      {row.trained > 0 && <span>{plural(row.trained, "model")}</span>}
      {row.alike > 0 && (
        <Link to={`/catalog?hash=${encodeURIComponent(row.hash)}`} title="All architectures with this cell">
          {formatInteger(row.alike)} alike
        </Link>
      )}
    </>
  );
}

function Amount({ row, words, most }: { row: ArchitectureRow; words: CostDefinition; most: number }) {
  const value = costOf(row.cost, words.key);
  const share = value / most;
  return (
    <>
      {words.show(value)}
      {words.key === "peak_memory" && row.bytes_per_element !== EXPORTED_BYTES && (
        <span className="sub"> {precisionName(row.bytes_per_element)}</span>
      )}
      {row.kind === "found" && (
        <i
          className={styles.barThin}
          style={{ width: `${Math.max(2, share * 48)}px` }}
          title={`${formatPercent(share, 0)} of the largest on this page`}
        />
      )}
    </>
  );
}

/** When it was added, by whom, and from where. */
function Added({ row }: { row: ArchitectureRow }) {
  return (
    <>
      {formatDay(row.created_at)}
      <Below title={row.source}>
        {row.owner?.name ?? row.source}
        {row.search && (
          <>
            , <Link to={`/searches/${row.search}`}>search</Link>
          </>
        )}
      </Below>
    </>
  );
}

const figures = ({ metric, ...row }: ModelRow) =>
  metric === "perplexity"
    ? { metric, validation: row.val_perplexity, test: row.test_perplexity }
    : { metric, validation: row.val_accuracy, test: row.test_accuracy };

function countColumn(key: "params" | "macs", title: string): Column<ModelRow> {
  return {
    title,
    number: true,
    spare: 2,
    sorts: [ascending(key, title)],
    terms: [key],
    cell: (row) => formatCount(row[key]),
  };
}

export const MODELS: TableDefinition<ModelRow> = {
  id: (row) => row.id,
  entry: (row) => row,
  about: (row) => (
    <Link to={`/architectures/${row.architecture.id}`} title="The architecture that it was trained from">
      {row.architecture.name}
    </Link>
  ),
  nameSort: ascending("name", "Name"),
  columns: [
    STATUS,
    {
      title: "Dataset",
      sorts: [ascending("dataset", "Dataset")],
      cell: (row, names) => names.dataset(row.dataset),
    },
    METHOD,
    countColumn("params", "Parameters"),
    countColumn("macs", "MACs"),
    {
      title: "Validation",
      number: true,
      spare: 1,
      sorts: (rows) => resultSorts(rows),
      label: ({ metric }) => metricLabel(metric, "Validation"),
      cell: (row) => <Result metric={row.metric} value={figures(row).validation} />,
    },
    {
      title: "Test",
      number: true,
      sorts: (rows) => resultSorts(rows, "test_"),
      label: ({ metric }) => metricLabel(metric, "Test"),
      cell: (row) => <Result metric={row.metric} value={figures(row).test} />,
    },
    dateColumn("Started", formatDay),
  ],
};
