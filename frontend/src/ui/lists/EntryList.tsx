// A whole list: filters, rows, pages, and what is there instead of rows.
import { useQuery } from "@tanstack/react-query";
import { type ReactNode, useEffect } from "react";
import { ApiError } from "../../api/client";
import { useDisplayNames } from "../../api/displayNames";
import { FAMILIES, type Family, listOf, type Rows } from "../../api/entries";
import { joinWords, plural } from "../../format/text";
import { Empty, Failed, Loading } from "../Notice";
import { CLEAR, filtersOf } from "./address";
import { EntryTable, sortsIn, type TableDefinition } from "./EntryTable";
import { FilterBar } from "./FilterBar";
import { activeFilters } from "./filters";
import styles from "./lists.module.css";
import { Pager } from "./Pager";
import type { List } from "./useList";

interface EntryListProps<F extends Family> {
  list: List<F>;
  definition: TableDefinition<Rows[F]>;
  /** where there is nothing at all yet */
  empty: ReactNode;
  marked?: string | null;
  onMark?: (id: string | null) => void;
}

export function EntryList<F extends Family>({ list, definition, empty, marked, onMark }: EntryListProps<F>) {
  const { family, address, page, facets, settled, go, field, search } = list;
  const beyond = page.error instanceof ApiError && page.error.status === 404 && address.page > 1;
  // biome-ignore lint/correctness/useExhaustiveDependencies: once for each page that is not there
  useEffect(() => {
    if (beyond) go({ page: 1 }, true); // rows were deleted, or somebody typed the number
  }, [beyond]);
  const rows = page.data?.results ?? [];
  const sorts = sortsIn(definition, rows);
  const ready = settled ? page.data : undefined; // rows above which filters appear would move
  return (
    <section className={styles.list} aria-label={FAMILIES[family].title} aria-busy={page.isPlaceholderData}>
      <FilterBar
        family={family}
        address={address}
        facets={facets}
        sorts={sorts}
        field={field}
        onText={search}
        onChange={go}
      />
      {page.isError && !beyond && (
        <Failed
          what={rows.length === 0 ? `The list of ${FAMILIES[family].many}` : "The newest rows"}
          error={page.error}
          retry={() => void page.refetch()}
        />
      )}
      {!ready && !page.isError && <Loading>Loading the {FAMILIES[family].many}…</Loading>}
      {ready && rows.length === 0 && <NoRows list={list} empty={empty} />}
      {ready && rows.length > 0 && (
        <>
          <EntryTable
            family={family}
            definition={definition}
            rows={rows}
            order={address.sort}
            onOrder={(sort) => go({ sort })}
            marked={marked}
            onMark={onMark}
          />
          <Pager page={address.page} answer={ready} onPage={(to) => go({ page: to })} />
        </>
      )}
    </section>
  );
}

/** "3 searches"; nothing until it is known. */
export function CountOf<F extends Family>({ list }: { list: List<F> }) {
  const { one, many } = FAMILIES[list.family];
  const filtered = Object.keys(filtersOf(list.address)).length > 0;
  return (
    <span className="sub" role="status">
      {list.page.data && `${plural(list.page.data.count, one, many)}${filtered ? " with these filters" : ""}`}
    </span>
  );
}

/** Says which filters hide everything; archived rows are hidden without a filter. */
function NoRows<F extends Family>({ list, empty }: { list: List<F>; empty: ReactNode }) {
  const { family, address, always, facets, go } = list;
  const names = useDisplayNames();
  const active = activeFilters(address, facets, names).filter(({ hides }) => hides);
  const hidden = useQuery({
    ...listOf(family, { ...filtersOf(address), ...always, archived: "all", page_size: 1 }),
    enabled: address.archived === "no",
  });
  const archived = address.archived === "no" ? (hidden.data?.count ?? 0) : 0;
  const { one, many } = FAMILIES[family];
  if (active.length === 0 && archived === 0) return empty;
  return (
    <Empty
      action={
        <span className={styles.offers}>
          {archived > 0 && (
            <button type="button" className="btn" onClick={() => go({ archived: "all" })}>
              Show {plural(archived, `archived ${one}`, `archived ${many}`)}
            </button>
          )}
          {active.length > 0 && (
            <button type="button" className="btn" onClick={() => go(CLEAR)}>
              Clear all filters
            </button>
          )}
        </span>
      }
    >
      {active.length === 0
        ? `All ${many} are archived.`
        : `No ${one} fits ${active.length === 1 ? "this filter" : "all of these filters"}: ${joinWords(active.map(({ words }) => words))}.`}
    </Empty>
  );
}
