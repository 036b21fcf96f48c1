// Columns that lists of several families have.
import type { Owner } from "../../api/types";
import { formatInteger } from "../../format/numbers";
import { capitalise } from "../../format/text";
import { StatusGlyph } from "../StatusGlyph";
import { ascending, descending } from "./address";
import { Below } from "./Below";
import type { Column } from "./EntryTable";
import styles from "./lists.module.css";

export const STATUS: Column<{ status: string }> = {
  title: "Status",
  sorts: [ascending("status", "Status")],
  cell: (row) => (
    <span className={styles.status}>
      <StatusGlyph status={row.status} size={16} />
      {capitalise(row.status)}
    </span>
  ),
};

export const METHOD: Column<{ strategy: string }> = {
  title: "Method",
  spare: 1,
  sorts: [ascending("method", "Method")],
  cell: (row, names) => <span className={styles.method}>{names.strategy(row.strategy)}</span>,
};

export const EDGES: Column<{ edges: number | null }> = {
  title: "Edges",
  number: true,
  spare: 2,
  sorts: [ascending("edges", "Edges")],
  cell: (row) => formatInteger(row.edges),
};

/** When an entry was made, and by whom. */
export function dateColumn(
  title: string,
  format: (at: string) => string,
): Column<{ created_at: string; owner: Owner | null }> {
  return {
    title,
    sorts: [descending("created_at", title)],
    cell: (row) => (
      <>
        {format(row.created_at)}
        {row.owner && <Below>{row.owner.name}</Below>}
      </>
    ),
  };
}
