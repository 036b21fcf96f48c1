// The catalog's state in the URL, so that links reproduce it: filter, order, page, and the chart's cost.
import type { CostKey } from "../../format/costs";

/** What the server sorts by. */
const COLUMNS = [
  "name",
  "method",
  "edges",
  "params",
  "macs",
  "peak_memory",
  "accuracy",
  "created_at",
] as const;
export type SortColumn = (typeof COLUMNS)[number];
export type Ordering = SortColumn | `-${SortColumn}`;

export interface Address {
  readonly text: string;
  readonly sort: Ordering; // with a minus: descending
  readonly page: number;
  readonly cost: CostKey;
}

export const DEFAULT_ADDRESS: Address = { text: "", sort: "-created_at", page: 1, cost: "macs" };
const orderings = COLUMNS.flatMap((column): Ordering[] => [column, `-${column}`]);
const COSTS: readonly CostKey[] = ["params", "macs", "peak_memory"];

export function readAddress(params: URLSearchParams): Address {
  const page = Number(params.get("page"));
  return {
    text: params.get("text") ?? DEFAULT_ADDRESS.text,
    sort: orderings.find((each) => each === params.get("sort")) ?? DEFAULT_ADDRESS.sort,
    page: Number.isInteger(page) && page > 0 ? page : DEFAULT_ADDRESS.page,
    cost: COSTS.find((each) => each === params.get("cost")) ?? DEFAULT_ADDRESS.cost,
  };
}

/** Writes only what differs from the default; a new filter or order starts at the first page. */
export function writeAddress(from: Address, change: Partial<Address>): URLSearchParams {
  const next = { ...from, ...(("text" in change || "sort" in change) && { page: 1 }), ...change };
  const params = new URLSearchParams();
  for (const key of ["text", "sort", "page", "cost"] as const) {
    if (next[key] !== DEFAULT_ADDRESS[key]) params.set(key, String(next[key]));
  }
  return params;
}

/** The order after a click on a column's header: its default direction first, then the reverse. */
export function nextOrdering(
  ordering: Ordering,
  column: SortColumn,
  first: "ascending" | "descending",
): Ordering {
  const up = column;
  const down: Ordering = `-${column}`;
  if (ordering === up) return down;
  if (ordering === down) return up;
  return first === "ascending" ? up : down;
}

export function directionOf(ordering: Ordering, column: string): "ascending" | "descending" | undefined {
  if (ordering === column) return "ascending";
  return ordering === `-${column}` ? "descending" : undefined;
}
