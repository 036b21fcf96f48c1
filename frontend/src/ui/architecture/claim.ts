// The accuracy or perplexity that an architecture claims, and where it was measured.
import type { ArchitectureRow } from "../../api/types";
import type { Metric } from "../../format/numbers";

export interface Claim {
  readonly metric: Metric;
  readonly value: number | null;
  readonly what: string;
}

export function claimOf(row: ArchitectureRow): Claim {
  const metric = row.metric;
  if (row.kind !== "published") return { metric, value: measuredQuality(row), what: "validation" };
  const value = metric === "perplexity" ? row.published_perplexity : row.published_accuracy;
  return { metric, value, what: "as published" };
}

/** Its quality on the validation split of its search; null if it was not measured. */
export function measuredQuality(row: ArchitectureRow): number | null {
  return row.metric === "perplexity" ? row.val_perplexity : row.val_accuracy;
}
