// A list of entries as a table; on narrow screens each row becomes a block. A whole row opens its entry.
import clsx from "clsx";
import type { ReactNode } from "react";
import { Link } from "react-router";
import { type DisplayNames, useDisplayNames } from "../../api/displayNames";
import { type Family, pageOfEntry, type ShownEntry } from "../../api/entries";
import { EntryMenu } from "../entries/EntryMenu";
import { Tags } from "../entries/Tags";
import type { TermName } from "../glossary";
import { Term } from "../Term";
import { directionOf, nextOrder, type Sort } from "./address";
import styles from "./lists.module.css";

export interface Column<Row> {
  readonly title: string;
  readonly number?: true;
  /** what its head sorts by; without any it is plain text */
  readonly sorts?: readonly Sort[] | ((rows: readonly Row[]) => readonly Sort[]);
  readonly terms?: readonly TermName[];
  /** before the value in a block; the title if it is left out */
  readonly label?: (row: Row) => string;
  /** the first to be left out where the table is narrow: 2 before 1 */
  readonly spare?: 1 | 2;
  readonly cell: (row: Row, names: DisplayNames) => ReactNode;
}

export interface TableDefinition<Row> {
  readonly id: (row: Row) => string;
  readonly entry: (row: Row) => ShownEntry;
  /** why nobody may change it; null if it can be changed */
  readonly fixed?: (row: Row) => string | null;
  readonly picture?: (row: Row) => ReactNode;
  /** a checkbox in each row, with the title of their column */
  readonly checkbox?: { readonly title: string; readonly box: (row: Row) => ReactNode };
  /** below the name */
  readonly about?: (row: Row, names: DisplayNames) => ReactNode;
  readonly nameSort: Sort;
  /** has as many columns as there is something to show, and scrolls sideways */
  readonly wide?: true;
  readonly columns: readonly Column<Row>[];
}

interface EntryTableProps<Row> {
  family: Family;
  definition: TableDefinition<Row>;
  rows: readonly Row[];
  order: string;
  onOrder: (order: string) => void;
  /** the row that something else on the page points at */
  marked?: string | null | undefined;
  onMark?: ((id: string | null) => void) | undefined;
}

export function EntryTable<Row>({
  family,
  definition,
  rows,
  order,
  onOrder,
  marked,
  onMark,
}: EntryTableProps<Row>) {
  const names = useDisplayNames();
  const { id, entry, fixed, picture, checkbox, about, nameSort, wide, columns } = definition;
  const table = (
    <table className={styles.table}>
      <thead>
        <tr>
          {checkbox && (
            <th scope="col" className={styles.checkbox}>
              <span className="sr">{checkbox.title}</span>
            </th>
          )}
          {picture && (
            <th scope="col" className={styles.picture}>
              <span className="sr">Picture</span>
            </th>
          )}
          <Head column={{ title: "Name", sorts: [nameSort] }} order={order} onOrder={onOrder} />
          {columns.map((column) => (
            <Head
              key={column.title}
              column={{ ...column, sorts: sortsOf(column, rows) }}
              order={order}
              onOrder={onOrder}
            />
          ))}
          <th scope="col">
            <span className="sr">Actions</span>
          </th>
        </tr>
      </thead>
      <tbody>
        {rows.map((row) => {
          const shown = entry(row);
          return (
            <tr
              key={id(row)}
              className={clsx(id(row) === marked && styles.on)}
              onPointerEnter={() => onMark?.(id(row))}
              onPointerLeave={() => onMark?.(null)}
            >
              {checkbox && <td className={styles.checkbox}>{checkbox.box(row)}</td>}
              {picture && <td className={styles.picture}>{picture(row)}</td>}
              <th scope="row" className={styles.name}>
                <Link to={pageOfEntry(family, id(row))} title={shown.name}>
                  {shown.name}
                </Link>
                <span className={styles.about}>
                  {shown.archived && <span className="tag">archived</span>}
                  {about?.(row, names)}
                  <Tags tags={shown.tags} />
                </span>
              </th>
              {columns.map((column) => (
                <td
                  key={column.title}
                  className={clsx(column.number && styles.n, spareClass(column))}
                  data-label={column.label?.(row) ?? column.title}
                >
                  {column.cell(row, names)}
                </td>
              ))}
              <td className={styles.menu}>
                <EntryMenu family={family} id={id(row)} entry={shown} fixed={fixed?.(row) ?? null} />
              </td>
            </tr>
          );
        })}
      </tbody>
    </table>
  );
  return wide ? <div className={styles.wide}>{table}</div> : table;
}

/** What the heads of a table sort by. */
export function sortsIn<Row>({ nameSort, columns }: TableDefinition<Row>, rows: readonly Row[]): Sort[] {
  return [nameSort, ...columns.flatMap((column) => sortsOf(column, rows))];
}

function sortsOf<Row>({ sorts = [] }: Pick<Column<Row>, "sorts">, rows: readonly Row[]): readonly Sort[] {
  return typeof sorts === "function" ? sorts(rows) : sorts;
}

function spareClass({ spare }: Pick<Column<never>, "spare">): string | undefined {
  return spare === 2 ? styles.spare2 : spare === 1 ? styles.spare1 : undefined;
}

interface HeadProps {
  column: Pick<Column<never>, "title" | "number" | "terms" | "spare"> & { sorts: readonly Sort[] };
  order: string;
  onOrder: (order: string) => void;
}

function Head({ column, order, onOrder }: HeadProps) {
  const { title, number, sorts, terms = [] } = column;
  const direction = sorts.map(({ column: by }) => directionOf(order, by)).find(Boolean);
  return (
    <th scope="col" className={clsx(number && styles.n, spareClass(column))} aria-sort={direction}>
      {sorts.length === 0 ? title : null}
      {sorts.map((sort) => {
        const own = directionOf(order, sort.column);
        return (
          <button
            type="button"
            key={sort.column}
            className={clsx(own && styles.by)}
            onClick={() => onOrder(nextOrder(order, sort))}
          >
            {sort.title}
            {own && <span aria-hidden="true">{own === "ascending" ? " ↑" : " ↓"}</span>}
          </button>
        );
      })}
      {terms.map((term) => (
        <Term key={term} name={term} />
      ))}
    </th>
  );
}
