// The state of a list in the URL, so that a link reproduces it: text, filters, order and page.
import {
  type Archived,
  FILTERS,
  type Filter,
  LIMITS,
  type ListLimit,
  type ListQuery,
} from "../../api/entries";

export interface ListAddress {
  readonly text: string;
  readonly chosen: Readonly<Record<Filter, readonly string[]>>;
  /** what the rows may cost at most; empty where there is no limit */
  readonly limits: Readonly<Record<ListLimit, string>>;
  readonly archived: Archived;
  readonly sort: string; // a column, with a minus for descending
  readonly page: number;
}

export const DEFAULT_SORT = "-created_at";
const ARCHIVED: readonly Archived[] = ["no", "only", "all"];

export function readAddress(params: URLSearchParams): ListAddress {
  const page = Number(params.get("page"));
  const chosen = Object.fromEntries(FILTERS.map((name) => [name, params.getAll(name)]));
  return {
    text: params.get("text") ?? "",
    chosen: chosen as Record<Filter, string[]>,
    limits: Object.fromEntries(LIMITS.map((name) => [name, params.get(name) ?? ""])) as ListAddress["limits"],
    archived: ARCHIVED.find((each) => each === params.get("archived")) ?? "no",
    sort: params.get("sort") ?? DEFAULT_SORT,
    page: Number.isInteger(page) && page > 0 ? page : 1,
  };
}

export type Change = Partial<Omit<ListAddress, "chosen">> & {
  readonly chosen?: Partial<ListAddress["chosen"]>;
};

/** Writes only what differs from the default, and keeps what is not about the list. Whatever else changes, the list
 * starts at its first page. */
export function changeAddress(params: URLSearchParams, change: Change): URLSearchParams {
  const old = readAddress(params);
  const { chosen, ...rest } = { ...old, page: 1, ...change, chosen: { ...old.chosen, ...change.chosen } };
  const next = new URLSearchParams(params);
  const write = (name: string, value: string, missing: string) =>
    value === missing ? next.delete(name) : next.set(name, value);
  write("text", rest.text, "");
  for (const name of FILTERS) {
    next.delete(name);
    for (const value of chosen[name]) next.append(name, value);
  }
  for (const name of LIMITS) write(name, rest.limits[name], "");
  write("archived", rest.archived, "no");
  write("sort", rest.sort, DEFAULT_SORT);
  write("page", String(rest.page), "1");
  return next;
}

export const NO_LIMITS: ListAddress["limits"] = {
  max_params: "",
  max_macs: "",
  max_peak_memory: "",
  bytes_per_element: "",
};

/** No filter at all; the order stays. */
export const CLEAR: Change = {
  text: "",
  limits: NO_LIMITS,
  archived: "no",
  chosen: Object.fromEntries(FILTERS.map((name) => [name, []])),
};

/** All searches that were launched together. */
export function listOfGroup(group: string): string {
  return `/searches?group=${encodeURIComponent(group)}&archived=all`;
}

/** What the address asks of the server: the rows of any page, which facets are counted for too. */
export function filtersOf({ text, chosen, limits, archived }: ListAddress): ListQuery {
  const given = FILTERS.filter((name) => chosen[name].length > 0);
  return {
    ...(text && { text }),
    ...Object.fromEntries(given.map((name) => [name, chosen[name]])),
    ...Object.fromEntries(Object.entries(limits).filter(([, value]) => value !== "")),
    ...(archived !== "no" && { archived }),
  };
}

export function queryOf(address: ListAddress): ListQuery {
  return { ...filtersOf(address), sort: address.sort, page: address.page };
}

export type Direction = "ascending" | "descending";

/** What a column sorts by, with the direction of the first click. */
export interface Sort {
  readonly column: string;
  readonly title: string;
  readonly first: Direction;
}

export function ascending(column: string, title: string): Sort {
  return { column, title, first: "ascending" };
}

export function descending(column: string, title: string): Sort {
  return { column, title, first: "descending" };
}

/** The order after a click on the head of a column: its first direction, then the reverse. */
export function nextOrder(order: string, { column, first }: Sort): string {
  const reverse = `-${column}`;
  if (order === column) return reverse;
  if (order === reverse) return column;
  return first === "ascending" ? column : reverse;
}

export function directionOf(order: string, column: string): Direction | undefined {
  if (order === column) return "ascending";
  return order === `-${column}` ? "descending" : undefined;
}
