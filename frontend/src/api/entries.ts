// What people list, name, tag, archive and delete: searches, architectures, trained models and datasets, all alike.
import { keepPreviousData, type QueryClient, queryOptions } from "@tanstack/react-query";
import { ApiError, api, unwrap } from "./client";
import type { paths } from "./schema";
import type { ArchitectureRow, Dataset, Entry, EntryChanges, ModelRow, SearchRow } from "./types";

export interface Rows {
  searches: SearchRow;
  architectures: ArchitectureRow;
  models: ModelRow;
  datasets: Dataset;
}
export type Family = keyof Rows;

/** What rows and pages of all families know of an entry. */
export type ShownEntry = Pick<Entry, "name" | "tags" | "archived">;

interface FamilyWords {
  /** also the first part of the query key of one entry */
  readonly noun: string;
  /** the page that lists them */
  readonly list: string;
  /** of that page */
  readonly title: string;
  /** in sentences about the list */
  readonly one: string;
  readonly many: string;
}

export const FAMILIES: Readonly<Record<Family, FamilyWords>> = {
  searches: { noun: "search", list: "/searches", title: "Searches", one: "search", many: "searches" },
  architectures: {
    noun: "architecture",
    list: "/catalog",
    title: "Architectures",
    one: "architecture",
    many: "architectures",
  },
  models: {
    noun: "model",
    list: "/catalog/models",
    title: "Trained models",
    one: "trained model",
    many: "trained models",
  },
  datasets: { noun: "dataset", list: "/datasets", title: "Datasets", one: "dataset", many: "datasets" },
};

export function isFamily(name: string): name is Family {
  return name in FAMILIES;
}

/** The page of one entry. */
export function pageOfEntry(family: Family, id: string): string {
  return `/${family}/${encodeURIComponent(id)}`;
}

/** Filters whose values are offered with counts. */
export const FACETED = ["status", "kind", "method", "dataset", "owner", "tag"] as const;
export type Faceted = (typeof FACETED)[number];
/** What only links set: architectures with one cell, searches that were launched together. */
export const LINKED = ["hash", "group"] as const;
export const FILTERS = [...FACETED, ...LINKED] as const;
export type Filter = (typeof FILTERS)[number];
export type Archived = "no" | "only" | "all";

/** What a row may cost at most, of architectures; memory at these bytes of an element. */
export const LIMITS = ["max_params", "max_macs", "max_peak_memory", "bytes_per_element"] as const;
export type ListLimit = (typeof LIMITS)[number];

/** Parameters of a list and of its facets; the server says which values it takes. */
export type ListQuery = Partial<Record<Filter, readonly string[]>> & {
  [limit in ListLimit]?: string;
} & {
  text?: string;
  archived?: Archived;
  sort?: string;
  page?: number;
  page_size?: number;
  /** a dataset: architectures with a score on it, and those scores */
  scored_on?: string;
};

export interface ListPage<Row> {
  count: number;
  next?: string | null;
  previous?: string | null;
  results: Row[];
}

// The four families have the same requests, so that the types of one of them stand for all; only rows differ.
const listPath = (family: Family) => `/api/${family}` as "/api/searches";
const facetsPath = (family: Family) => `/api/${family}/facets` as "/api/searches/facets";
const onePath = (family: Family) => `/api/${family}/{id}` as "/api/searches/{id}";
const restorePath = (family: Family) => `/api/${family}/{id}/restore` as "/api/searches/{id}/restore";
type Parameters = NonNullable<paths["/api/searches"]["get"]["parameters"]>;
const params = (query: ListQuery) => ({ query }) as unknown as Parameters;

export function listOf<F extends Family>(family: F, query: ListQuery) {
  return queryOptions({
    queryKey: [family, "list", query],
    queryFn: async ({ signal }) => {
      const answer = await unwrap(api.GET(listPath(family), { params: params(query), signal }));
      return answer as unknown as ListPage<Rows[F]>;
    },
    placeholderData: keepPreviousData, // the previous rows stay while the next load
  });
}

/** How many rows each value of a filter would leave. */
export function facetsOf(family: Family, query: ListQuery) {
  return queryOptions({
    queryKey: [family, "facets", query],
    queryFn: ({ signal }) => unwrap(api.GET(facetsPath(family), { params: params(query), signal })),
    placeholderData: keepPreviousData,
  });
}

/** Rows have no notes; the entry itself has. */
export function notesOf(family: Family, id: string) {
  return queryOptions({
    queryKey: [FAMILIES[family].noun, id, "notes"],
    queryFn: async () => (await unwrap(api.GET(onePath(family), { params: { path: { id } } }))).notes,
    staleTime: 0,
  });
}

export function changeEntry(family: Family, id: string, body: EntryChanges) {
  return unwrap(api.PATCH(onePath(family), { params: { path: { id } }, body }));
}

export function deleteEntry(family: Family, id: string) {
  return unwrap(api.DELETE(onePath(family), { params: { path: { id } } }));
}

export function restoreEntry(family: Family, id: string) {
  return unwrap(api.POST(restorePath(family), { params: { path: { id } } }));
}

/** Entries name each other, so that after a change all lists and pages of entries are read again. */
export function refreshEntries(queries: QueryClient): Promise<void> {
  const about = new Set(Object.entries(FAMILIES).flatMap(([family, { noun }]) => [family, noun]));
  return queries.invalidateQueries({ predicate: ({ queryKey }) => about.has(String(queryKey[0])) });
}

const PRESENCE_MS = 15_000;

/** How often an open page looks whether its entry is still there; no more once it is gone. `soon`: while it changes. */
export function presenceMs(error: Error | null, soon: number = PRESENCE_MS): number | false {
  return error instanceof ApiError && error.status === 404 ? false : soon;
}
