// When the tour runs: by itself on the sample search of a team, until the person leaves it; elsewhere when it is asked for.
// That it was left is remembered by this browser, for each person.

import { useNavigate } from "react-router";
import { create } from "zustand";
import { api, unwrap } from "../api/client";
import { recall, remember } from "../ui/storage";

/** As webapp/firstrun.py names it, and tests/webapp/test_firstrun.py compares. */
const SAMPLE = "A first look: digits";

interface TourState {
  /** the search on whose page it was asked for */
  readonly askedFor: string | null;
  /** how often it was asked for: each time it starts from the beginning */
  readonly asked: number;
  /** people who left it, as far as this window knows */
  readonly left: ReadonlySet<string>;
}

export const useTourState = create<TourState>()(() => ({ askedFor: null, asked: 0, left: new Set() }));

const keyOf = (person: string) => `espalier.tour.${person}`;

export function leaveTour(person: string): void {
  remember("local", keyOf(person), "left");
  useTourState.setState(({ left }) => ({ askedFor: null, left: new Set([...left, person]) }));
}

/** Whether the tour runs on the page of this search, and how it came to. */
export function useRuns(
  person: string | undefined,
  search: { id: string; name: string } | undefined,
): "asked" | "unasked" | null {
  const { askedFor, left } = useTourState();
  if (!person || !search) return null;
  if (askedFor === search.id) return "asked";
  const isNew = !left.has(person) && recall("local", keyOf(person)) === null;
  return isNew && search.name === SAMPLE ? "unasked" : null;
}

/** The search whose page an address is of; null on other pages. */
export function searchAt(pathname: string): string | null {
  const [, id] = /^\/searches\/([^/]+)$/.exec(pathname) ?? [];
  return id === undefined || id === "new" ? null : id;
}

/** Starts the tour on the page that is open or, if that is not of a search, on that of the sample or the newest search. */
export function useStartTour() {
  const navigate = useNavigate();
  return async (pathname: string) => {
    const id = searchAt(pathname) ?? (await sampleOrNewest().catch(() => undefined));
    if (id === undefined) return navigate("/searches"); // which says that there is none, or what is wrong
    useTourState.setState(({ asked }) => ({ askedFor: id, asked: asked + 1 }));
    if (id !== searchAt(pathname)) await navigate(`/searches/${id}`);
  };
}

async function sampleOrNewest(): Promise<string | undefined> {
  for (const text of [SAMPLE, undefined]) {
    const query = { page_size: 1, ...(text && { text }) };
    const [found] = (await unwrap(api.GET("/api/searches", { params: { query } }))).results;
    if (found) return found.id;
  }
  return undefined;
}
