// The catalog as a table; on a narrow screen a row becomes a small block.
import { Link } from "react-router";
import type { Names } from "../../api/names";
import type { ArchitectureRow } from "../../api/types";
import { Thumb } from "../../dag/Thumb";
import { COSTS, type CostWords, costOf } from "../../format/costs";
import { day, plural } from "../../format/text";
import { percent, quality } from "../../format/units";
import { claimOf } from "../../ui/architecture/claim";
import { directionOf, type Ordering, reordered, type SortColumn } from "./address";
import { largest } from "./rows";

interface Column {
  readonly key: string;
  readonly title: string;
  readonly number?: boolean;
  /** what the server sorts by, and the direction a person means when they press it */
  readonly sort?: readonly [SortColumn, "ascending" | "descending"];
}

const COLUMNS: readonly Column[] = [
  { key: "name", title: "Name", sort: ["name", "ascending"] },
  { key: "strategy", title: "Method" },
  { key: "edges", title: "Edges", number: true, sort: ["edges", "ascending"] },
  { key: "params", title: "Parameters", number: true, sort: ["params", "ascending"] },
  { key: "macs", title: "MACs", number: true, sort: ["macs", "ascending"] },
  { key: "peak_memory", title: "Peak memory", number: true },
  { key: "accuracy", title: "Accuracy", number: true, sort: ["val_accuracy", "descending"] },
  { key: "added", title: "Added", sort: ["created_at", "descending"] },
];

interface CatalogTableProps {
  rows: readonly ArchitectureRow[];
  front: ReadonlySet<string>;
  ordering: Ordering;
  marked: string | null;
  names: Names;
  onOrder: (ordering: Ordering) => void;
  onMark: (id: string | null) => void;
}

export function CatalogTable({ rows, front, ordering, marked, names, onOrder, onMark }: CatalogTableProps) {
  const most = largest(rows);
  return (
    <table className="catalog">
      <thead>
        <tr>
          <th scope="col">
            <span className="sr">Cell</span>
          </th>
          {COLUMNS.map((column) => (
            <Head key={column.key} column={column} ordering={ordering} onOrder={onOrder} />
          ))}
        </tr>
      </thead>
      <tbody>
        {rows.map((row) => (
          <tr
            key={row.id}
            className={row.id === marked ? "on" : ""}
            onPointerEnter={() => onMark(row.id)}
            onPointerLeave={() => onMark(null)}
          >
            <td className="pic">
              <Thumb graph={row.graph} width={82} height={38} />
            </td>
            <th scope="row" className="name">
              <Link to={`/architectures/${row.id}`}>{row.name}</Link>
              <Why row={row} front={front} />
            </th>
            <td className="method">{names.strategy(row.strategy)}</td>
            <td className="n">{row.edges}</td>
            {COSTS.map((words) => (
              <Amount key={words.key} row={row} words={words} most={most[words.key]} />
            ))}
            <Accuracy row={row} />
            <td className="source">
              <Source row={row} names={names} />
            </td>
            <td className="brief">
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

function Head({ column, ordering, onOrder }: HeadProps) {
  const { key, title, number, sort } = column;
  const direction = sort && directionOf(ordering, sort[0]);
  return (
    <th
      scope="col"
      className={number ? "n" : ""}
      aria-sort={direction}
      title={COSTS.find((cost) => cost.key === key)?.definition}
    >
      {sort ? (
        <button type="button" onClick={() => onOrder(reordered(ordering, ...sort))}>
          {title}
          {direction && <span aria-hidden="true">{direction === "ascending" ? " ↑" : " ↓"}</span>}
        </button>
      ) : (
        title
      )}
    </th>
  );
}

/** Why a row matters. */
function Why({ row, front }: { row: ArchitectureRow; front: ReadonlySet<string> }) {
  return (
    <span className="tags">
      {row.kind === "published" && <span className="tag ref">published</span>}
      {row.kind === "scaled" && <span className="tag">scaled</span>}
      {front.has(row.id) && <span className="sub">on the front</span>}
      {row.trained > 0 && <span className="sub">{plural(row.trained, "model")}</span>}
    </span>
  );
}

function Amount({ row, words, most }: { row: ArchitectureRow; words: CostWords; most: number }) {
  const value = costOf(row.cost, words.key);
  const share = value / most;
  return (
    <td className="n">
      {words.show(value)}
      {row.kind === "found" && (
        <i
          className="bar-thin"
          style={{ width: `${Math.max(2, share * 48)}px` }}
          title={`${percent(share, 0)} of the largest on this page`}
        />
      )}
    </td>
  );
}

function Accuracy({ row }: { row: ArchitectureRow }) {
  const { metric, value, what } = claimOf(row);
  return (
    <td className="n acc">
      {value === null ? (
        <span className="sub" title="Not measured yet">
          –<span className="sr"> not measured yet</span>
        </span>
      ) : (
        <>
          <b>{quality(value, metric)}</b>{" "}
          <span className="sub">
            {metric === "perplexity" && "perplexity, "}
            {what}
          </span>
        </>
      )}
    </td>
  );
}

/** When it came in, and from where. */
function Source({ row, names }: { row: ArchitectureRow; names: Names }) {
  if (!row.search) {
    return (
      <>
        {day(row.created_at)}
        <span className="sub from" title={row.source}>
          {row.source}
        </span>
      </>
    );
  }
  return (
    <>
      {day(row.created_at)}
      <span className="sub from">
        <Link to={`/searches/${row.search}`}>search</Link> on {names.dataset(row.dataset ?? "")}
      </span>
    </>
  );
}
