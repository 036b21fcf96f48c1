// The catalog as a table; on narrow screens each row becomes a block.

import clsx from "clsx";
import { Link } from "react-router";
import type { DisplayNames } from "../../api/displayNames";
import type { ArchitectureRow } from "../../api/types";
import { TrellisThumbnail } from "../../dag/Thumbnail";
import { COSTS, type CostDefinition, costOf } from "../../format/costs";
import { formatDay } from "../../format/dates";
import { formatPercent, formatQuality } from "../../format/numbers";
import { plural } from "../../format/text";
import { claimOf } from "../../ui/architecture/claim";
import type { TermName } from "../../ui/glossary";
import { Term } from "../../ui/Term";
import { directionOf, nextOrdering, type Ordering, type SortColumn } from "./address";
import styles from "./catalog.module.css";
import { largestCosts } from "./comparableRows";

interface Column {
  readonly key: string;
  readonly title: string;
  readonly number?: boolean;
  readonly term?: TermName;
  /** what the server sorts by, with the direction of the first click */
  readonly sort?: readonly [SortColumn, "ascending" | "descending"];
}

const COLUMNS: readonly Column[] = [
  { key: "name", title: "Name", sort: ["name", "ascending"] },
  { key: "strategy", title: "Method", sort: ["method", "ascending"] },
  { key: "edges", title: "Edges", number: true, sort: ["edges", "ascending"] },
  { key: "params", title: "Parameters", number: true, term: "params", sort: ["params", "ascending"] },
  { key: "macs", title: "MACs", number: true, term: "macs", sort: ["macs", "ascending"] },
  {
    key: "peak_memory",
    title: "Peak memory",
    number: true,
    term: "peak_memory",
    sort: ["peak_memory", "ascending"],
  },
  {
    key: "accuracy",
    title: "Accuracy",
    number: true,
    term: "accuracy",
    sort: ["accuracy", "descending"],
  },
  { key: "added", title: "Added", sort: ["created_at", "descending"] },
];

interface CatalogTableProps {
  rows: readonly ArchitectureRow[];
  front: ReadonlySet<string>;
  ordering: Ordering;
  marked: string | null;
  names: DisplayNames;
  onOrder: (ordering: Ordering) => void;
  onMark: (id: string | null) => void;
}

export function CatalogTable({ rows, front, ordering, marked, names, onOrder, onMark }: CatalogTableProps) {
  const most = largestCosts(rows);
  return (
    <table className={styles.catalog}>
      <thead>
        <tr>
          <th scope="col">
            <span className="sr">Cell</span>
          </th>
          {COLUMNS.map((column) => (
            <ColumnHead key={column.key} column={column} ordering={ordering} onOrder={onOrder} />
          ))}
        </tr>
      </thead>
      <tbody>
        {rows.map((row) => (
          <tr
            key={row.id}
            className={row.id === marked ? styles.on : undefined}
            onPointerEnter={() => onMark(row.id)}
            onPointerLeave={() => onMark(null)}
          >
            <td className={styles.pic}>
              <TrellisThumbnail graph={row.graph} width={82} height={38} />
            </td>
            <th scope="row" className={styles.name}>
              <Link to={`/architectures/${row.id}`}>{row.name}</Link>
              <RowReason row={row} front={front} />
            </th>
            <td className={styles.method}>{names.strategy(row.strategy)}</td>
            <td className={styles.n}>{row.edges}</td>
            {COSTS.map((words) => (
              <Amount key={words.key} row={row} words={words} most={most[words.key]} />
            ))}
            <Accuracy row={row} />
            <td className={styles.source}>
              <Source row={row} names={names} />
            </td>
            <td className={styles.brief}>
              {[
                names.strategy(row.strategy),
                ...COSTS.map(({ key, show, inline }) => `${show(costOf(row.cost, key))} ${inline}`),
              ].join(", ")}
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

type HeadProps = { column: Column } & Pick<CatalogTableProps, "ordering" | "onOrder">;

function ColumnHead({ column, ordering, onOrder }: HeadProps) {
  const { title, number, sort, term } = column;
  const direction = sort && directionOf(ordering, sort[0]);
  return (
    <th scope="col" className={number ? styles.n : undefined} aria-sort={direction}>
      {sort ? (
        <button type="button" onClick={() => onOrder(nextOrdering(ordering, ...sort))}>
          {title}
          {direction && <span aria-hidden="true">{direction === "ascending" ? " ↑" : " ↓"}</span>}
        </button>
      ) : term ? (
        <Term name={term}>{title}</Term>
      ) : (
        title
      )}
      {sort && term && <Term name={term} />}
    </th>
  );
}

/** A label for rows that are published or on the Pareto front. */
function RowReason({ row, front }: { row: ArchitectureRow; front: ReadonlySet<string> }) {
  return (
    <span className={styles.tags}>
      {row.kind === "published" && <span className={clsx("tag ref", styles.kind)}>published</span>}
      {row.kind === "scaled" && <span className={clsx("tag", styles.kind)}>scaled</span>}
      {front.has(row.id) && <span className="sub">on the Pareto front</span>}
      {row.trained > 0 && <span className="sub">{plural(row.trained, "model")}</span>}
    </span>
  );
}

function Amount({ row, words, most }: { row: ArchitectureRow; words: CostDefinition; most: number }) {
  const value = costOf(row.cost, words.key);
  const share = value / most;
  return (
    <td className={styles.n}>
      {words.show(value)}
      {row.kind === "found" && (
        <i
          className={styles.barThin}
          style={{ width: `${Math.max(2, share * 48)}px` }}
          title={`${formatPercent(share, 0)} of the largest on this page`}
        />
      )}
    </td>
  );
}

function Accuracy({ row }: { row: ArchitectureRow }) {
  const { metric, value, what } = claimOf(row);
  return (
    <td className={clsx(styles.n, styles.acc)}>
      {value === null ? (
        <span className="sub" title="Not measured yet">
          –<span className="sr"> not measured yet</span>
        </span>
      ) : (
        <>
          <b>{formatQuality(value, metric)}</b>{" "}
          <span className="sub">
            {metric === "perplexity" && "perplexity, "}
            {what}
          </span>
        </>
      )}
    </td>
  );
}

/** When it was added, and from where. */
function Source({ row, names }: { row: ArchitectureRow; names: DisplayNames }) {
  if (!row.search) {
    return (
      <>
        {formatDay(row.created_at)}
        <span className={clsx("sub", styles.from)} title={row.source}>
          {row.source}
        </span>
      </>
    );
  }
  return (
    <>
      {formatDay(row.created_at)}
      <span className={clsx("sub", styles.from)}>
        <Link to={`/searches/${row.search}`}>search</Link> on {names.dataset(row.dataset ?? "")}
      </span>
    </>
  );
}
