// What a row of the catalog says: the accuracy or perplexity it claims and where that was measured, and how big it is beside the others.
import type { ArchitectureRow } from "../../api/types";
import { type CostKey, costOf } from "../../format";
import type { Metric } from "../../units";

export interface Claim {
  readonly metric: Metric;
  readonly value: number | null;
  readonly what: string;
}

export function claimOf(row: ArchitectureRow): Claim {
  const metric = row.metric;
  if (row.kind !== "published") return { metric, value: reached(row), what: "validation" };
  const value = metric === "perplexity" ? row.published_perplexity : row.published_accuracy;
  return { metric, value, what: "as published" };
}

/** What it came to on the validation part in its search; null where nobody measured it. */
export function reached(row: ArchitectureRow): number | null {
  return row.metric === "perplexity" ? row.val_perplexity : row.val_accuracy;
}

/** The largest of each cost among what was found here: published nets are for other images, and would dwarf the rest. */
export function largest(rows: readonly ArchitectureRow[]): Readonly<Record<CostKey, number>> {
  const found = rows.filter((row) => row.kind === "found");
  const most = (key: CostKey) => Math.max(1, ...found.map((row) => costOf(row.cost, key)));
  return { params: most("params"), macs: most("macs"), peak_memory: most("peak_memory") };
}

/** What was reached compares only on one data set: the one with the most measured rows, by name where two tie. */
export function datasetOf(rows: readonly ArchitectureRow[]): string | null {
  const counts = new Map<string, number>();
  for (const row of rows) {
    if (row.kind === "found" && row.dataset !== null && reached(row) !== null) {
      counts.set(row.dataset, (counts.get(row.dataset) ?? 0) + 1);
    }
  }
  const [first] = [...counts].sort(([a, m], [b, n]) => n - m || a.localeCompare(b));
  return first?.[0] ?? null;
}

/** The rows that a chart of one data set can show, each once. */
export function charted(rows: readonly ArchitectureRow[], dataset: string | null): ArchitectureRow[] {
  const once = new Map(rows.map((row) => [row.id, row]));
  return [...once.values()].filter(
    (row) => row.kind === "found" && row.dataset === dataset && reached(row) !== null,
  );
}
