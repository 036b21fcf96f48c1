// What the catalog shows is in its address, so that a link shows the same: filter, order, page, and the chart's cost.
import type { CostKey } from "../../format";

export interface Address {
  readonly search: string;
  readonly ordering: string; // a column, with a minus for the largest first
  readonly page: number;
  readonly cost: CostKey;
}

export const FIRST: Address = { search: "", ordering: "-created_at", page: 1, cost: "macs" };
const COSTS: readonly CostKey[] = ["params", "macs", "peak_memory"];

export function readAddress(params: URLSearchParams): Address {
  const page = Number(params.get("page"));
  return {
    search: params.get("search") ?? FIRST.search,
    ordering: params.get("ordering") ?? FIRST.ordering,
    page: Number.isInteger(page) && page > 0 ? page : FIRST.page,
    cost: COSTS.find((each) => each === params.get("cost")) ?? FIRST.cost,
  };
}

/** Only what differs from the first view is written; another filter or order starts at the first page. */
export function writeAddress(from: Address, change: Partial<Address>): URLSearchParams {
  const next = { ...from, ...(("search" in change || "ordering" in change) && { page: 1 }), ...change };
  const params = new URLSearchParams();
  for (const key of ["search", "ordering", "page", "cost"] as const) {
    if (next[key] !== FIRST[key]) params.set(key, String(next[key]));
  }
  return params;
}

/** Pressing a column's head: its own best direction first, then the other. */
export function reordered(ordering: string, column: string, first: "ascending" | "descending"): string {
  const up = column;
  const down = `-${column}`;
  if (ordering === up) return down;
  if (ordering === down) return up;
  return first === "ascending" ? up : down;
}

export function directionOf(ordering: string, column: string): "ascending" | "descending" | undefined {
  if (ordering === column) return "ascending";
  return ordering === `-${column}` ? "descending" : undefined;
}
