// One page of a list with its facets, as the URL says.
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { useSearchParams } from "react-router";
import { type Family, facetsOf, type ListPage, type ListQuery, listOf, type Rows } from "../../api/entries";
import { type Change, changeAddress, filtersOf, queryOf, readAddress } from "./address";

/** Colleagues change lists too; `moves` says which rows change by themselves. */
const POLL_MS = { moving: 5_000, resting: 30_000 };

export type List<F extends Family> = ReturnType<typeof useList<F>>;

/** `always`: what every request of the list asks for, whatever its address says. */
export function useList<F extends Family>(
  family: F,
  moves: (row: Rows[F]) => boolean = () => false,
  always: ListQuery = {},
) {
  const [params, setParams] = useSearchParams();
  const address = readAddress(params);
  const page = useQuery({
    ...listOf(family, { ...queryOf(address), ...always }),
    refetchInterval: ({ state }) =>
      (state.data as ListPage<Rows[F]> | undefined)?.results.some(moves) ? POLL_MS.moving : POLL_MS.resting,
  });
  const facets = useQuery(facetsOf(family, { ...filtersOf(address), ...always }));
  // What people choose is drawn at once: a box that waits for the list goes back to what it was, and a second press would
  // not know the first. What replaces an address is written by effects too, which cannot draw.
  const write = (change: Change, replace: boolean) =>
    setParams((now) => changeAddress(now, change), {
      replace,
      preventScrollReset: true,
      flushSync: !replace,
    });
  // Each time that a text is set or cleared, a new field takes the place of the one whose letters may still wait.
  const [field, setField] = useState(0);
  const go = (change: Change, replace = false) => {
    if (change.text !== undefined) setField((count) => count + 1);
    write(change, replace);
  };
  const search = (text: string) => write({ text }, true);
  /** whether the filters are there, or will not come soon */
  const settled = !facets.isPending || facets.failureCount > 0;
  return { family, address, always, page, facets: facets.data, settled, go, field, search };
}
