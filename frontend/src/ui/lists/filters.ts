// What the filters of a list are called, and the chosen ones as words.
import type { DisplayNames } from "../../api/displayNames";
import { FACETED, type Faceted, LINKED } from "../../api/entries";
import type { Facet, Facets } from "../../api/types";
import { capitalise } from "../../format/text";
import { type Change, CLEAR, type ListAddress, NO_LIMITS } from "./address";
import { describeLimits, isLimited } from "./device";

interface FilterWords {
  readonly title: string;
  /** the values are words of the program, such as a status, and not names */
  readonly words?: true;
}

export const FACETED_WORDS: Readonly<Record<Faceted, FilterWords>> = {
  status: { title: "Status", words: true },
  kind: { title: "Kind", words: true },
  method: { title: "Method" },
  dataset: { title: "Dataset" },
  owner: { title: "Owner" },
  tag: { title: "Tag" },
};
const LINKED_WORDS: Readonly<Record<(typeof LINKED)[number], string>> = {
  hash: "The same cell",
  group: "Launched together",
};

export const ARCHIVED = { no: "Not archived", only: "Archived", all: "With archived" } as const;

/** The values to choose from. Those that are chosen stay in the list when no row has them any more. */
export function valuesOf(name: Faceted, address: ListAddress, facets: Facets | undefined): Facet[] {
  const counted = facets?.[name] ?? [];
  const missing = address.chosen[name].filter(
    (value) => !counted.some((each) => same(name, each.value, value)),
  );
  return [...counted, ...missing.map((value) => ({ value, name: value, count: 0 }))];
}

/** Tags are the same in whatever case. */
export function same(name: Faceted, a: string, b: string): boolean {
  return name === "tag" ? a.toLowerCase() === b.toLowerCase() : a === b;
}

export function nameOf(name: Faceted, facet: Pick<Facet, "value" | "name">, names: DisplayNames): string {
  if (FACETED_WORDS[name].words) return capitalise(facet.name);
  if (name === "method") return names.strategy(facet.value);
  return name === "dataset" ? names.dataset(facet.value) : facet.name;
}

export interface ActiveFilter {
  readonly key: string;
  /** such as "Status: Running" */
  readonly words: string;
  /** false for what lists more rows instead of fewer */
  readonly hides: boolean;
  readonly remove: Change;
}

export function activeFilters(
  address: ListAddress,
  facets: Facets | undefined,
  names: DisplayNames,
): ActiveFilter[] {
  const found: ActiveFilter[] = [];
  if (address.text)
    found.push({ key: "text", words: `Text: “${address.text}”`, hides: true, remove: { text: "" } });
  for (const name of FACETED) {
    const values = valuesOf(name, address, facets);
    for (const value of address.chosen[name]) {
      const facet = values.find((each) => same(name, each.value, value)) ?? { value, name: value };
      found.push({
        key: `${name} ${value}`,
        hides: true,
        words: `${FACETED_WORDS[name].title}: ${nameOf(name, facet, names)}`,
        remove: { chosen: { [name]: address.chosen[name].filter((other) => other !== value) } },
      });
    }
  }
  for (const name of LINKED) {
    if (address.chosen[name].length > 0)
      found.push({ key: name, words: LINKED_WORDS[name], hides: true, remove: { chosen: { [name]: [] } } });
  }
  if (isLimited(address.limits))
    found.push({
      key: "limits",
      hides: true,
      words: capitalise(describeLimits(address.limits)),
      remove: { limits: NO_LIMITS },
    });
  if (address.archived !== "no")
    found.push({
      key: "archived",
      words: ARCHIVED[address.archived],
      hides: address.archived === "only",
      remove: { archived: CLEAR.archived ?? "no" },
    });
  return found;
}
