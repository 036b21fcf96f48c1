// Which rows of the catalog are compared with each other: on one dataset, and against the largest of them.
import type { ListQuery } from "../../api/entries";
import type { ArchitectureRow, Dataset, Facets } from "../../api/types";
import { type CostKey, costOf } from "../../format/costs";
import { measuredQuality } from "../../ui/architecture/claim";

/** The largest of each cost among found architectures; published ones are for larger images and would dwarf them. */
export function largestCosts(rows: readonly ArchitectureRow[]): Readonly<Record<CostKey, number>> {
  const found = rows.filter((row) => row.kind === "found");
  const most = (key: CostKey) => Math.max(1, ...found.map((row) => costOf(row.cost, key)));
  return { params: most("params"), macs: most("macs"), peak_memory: most("peak_memory") };
}

/** The order with the best rows first, in the metric of the kind of data that most rows have. */
export function bestFirst(filters: ListQuery, facets: Facets, datasets: readonly Dataset[]): string {
  const { dataset: chosen } = filters;
  let balance = 0;
  for (const { value, count } of facets.dataset ?? []) {
    if (chosen && !chosen.includes(value)) continue; // the counts leave out what the filter itself says
    const kind = datasets.find(({ name }) => name === value)?.kind;
    balance += kind === "text" ? count : kind === "image" ? -count : 0;
  }
  return balance > 0 ? "perplexity" : "-accuracy";
}

/** Quality is only comparable on one dataset: the one with the most measured rows, by name if two tie. */
export function datasetOf(rows: readonly ArchitectureRow[]): string | null {
  const counts = new Map<string, number>();
  for (const row of rows) {
    if (row.kind === "found" && row.dataset !== null && measuredQuality(row) !== null) {
      counts.set(row.dataset, (counts.get(row.dataset) ?? 0) + 1);
    }
  }
  const [first] = [...counts].sort(([a, m], [b, n]) => n - m || a.localeCompare(b));
  return first?.[0] ?? null;
}

/** The rows that a chart of one dataset can show, without duplicates. */
export function chartedRows(rows: readonly ArchitectureRow[], dataset: string | null): ArchitectureRow[] {
  const once = new Map(rows.map((row) => [row.id, row]));
  return [...once.values()].filter(
    (row) => row.kind === "found" && row.dataset === dataset && measuredQuality(row) !== null,
  );
}
