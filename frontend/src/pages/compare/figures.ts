// The table of a comparison: each cost and quality of two architectures, the difference, and which one is better.
import type { DisplayNames } from "../../api/displayNames";
import type { ArchitectureDetail, Measurement } from "../../api/types";
import { COSTS, type CostKey, costOf } from "../../format/costs";
import {
  formatLatency,
  formatPercent,
  formatQuality,
  formatScoreGap,
  formatSigned,
  type Metric,
  MISSING,
} from "../../format/numbers";
import { EXPORTED_BYTES, precisionName } from "../../format/precision";
import { capitalise, plural } from "../../format/text";
import { claimOf, measuredQuality } from "../../ui/architecture/claim";

export interface Figure {
  readonly value: number | null;
  readonly text: string;
  /** what the figure is, where that is not the same for both */
  readonly note?: string;
}

export interface Row {
  readonly title: string;
  /** below the title */
  readonly note?: string;
  readonly term?: CostKey | "latency" | Metric;
  readonly a: Figure;
  readonly b: Figure;
  /** of B to A, in the unit of the figures and in percent; empty where they cannot be compared */
  readonly difference: string;
  /** which one is better, in words, or why that cannot be said */
  readonly better: string;
}

interface Scale {
  readonly best: "lower" | "higher";
  readonly gap: (size: number) => string;
  /** in percent too; accuracy is in percent already */
  readonly relative: boolean;
}

type Words = Pick<Row, "title" | "note" | "term">;

function rowOf(words: Words, a: Figure, b: Figure, { best, gap, relative }: Scale, why = ""): Row {
  const row = { ...words, a, b };
  if (a.value === null || b.value === null) {
    const missing = a.value === null ? (b.value === null ? "neither" : "A") : "B";
    return {
      ...row,
      difference: "",
      better: missing === "neither" ? "Not known" : `Not known of ${missing}`,
    };
  }
  if (why) return { ...row, difference: "", better: why };
  const change = b.value - a.value;
  const share = relative && a.value > 0 ? ` (${formatSigned(change / a.value, formatPercent)})` : "";
  const better = change === 0 ? "Equal" : change < 0 === (best === "lower") ? `B, ${best}` : `A, ${best}`;
  return { ...row, difference: formatSigned(change, gap) + share, better };
}

/** Memory of both in one precision: that of both, or the one that exported networks compute in. */
export function costRows(a: ArchitectureDetail, b: ArchitectureDetail): Row[] {
  const bytes = a.bytes_per_element === b.bytes_per_element ? a.bytes_per_element : EXPORTED_BYTES;
  return COSTS.map(({ key, name, show }) => {
    const memory = key === "peak_memory";
    const figure = ({ cost, bytes_per_element: own }: ArchitectureDetail): Figure => {
      const given = costOf(cost, key);
      const value = memory ? (given / own) * bytes : given;
      const note = memory && own !== bytes ? `${show(given)} as ${precisionName(own)}` : "";
      return { value, text: show(value), ...(note && { note }) };
    };
    const note = memory ? { note: `with ${precisionName(bytes)} activations` } : {};
    const scale: Scale = { best: "lower", gap: show, relative: true };
    return rowOf({ title: name, term: key, ...note }, figure(a), figure(b), scale);
  });
}

/** A row for each machine and way of running that either was measured on, with the newest measurement. */
export function latencyRows(a: readonly Measurement[], b: readonly Measurement[]): Row[] {
  const [ofA, ofB] = [newest(a), newest(b)];
  return [...new Map([...ofA, ...ofB])].map(([key, { device, latency }]) => {
    const figure = (found: Measurement | undefined): Figure => {
      const value = found?.latency?.median ?? null;
      return { value, text: value === null ? "not measured" : formatLatency(value) };
    };
    const ran = latency && `${latency.device}, ${plural(latency.threads, "thread")}, ${latency.runtime}`;
    return rowOf(
      { title: `Latency on ${device?.name ?? "this server"}`, term: "latency", ...(ran && { note: ran }) },
      figure(ofA.get(key)),
      figure(ofB.get(key)),
      { best: "lower", gap: formatLatency, relative: true },
    );
  });
}

function newest(rows: readonly Measurement[]): Map<string, Measurement> {
  const found = new Map<string, Measurement>();
  for (const row of rows) {
    if (!row.latency) continue;
    const { device, threads, runtime } = row.latency;
    const key = JSON.stringify([row.device?.id ?? null, device, threads, runtime]);
    const known = found.get(key);
    if (!known || known.created_at < row.created_at) found.set(key, row);
  }
  return found;
}

const OTHER_METRIC = "Not comparable: one is an accuracy, one a perplexity";
const OTHER_DATA = "Not comparable: on other datasets";
const OTHER_TRAINING = "Not comparable: trained differently";

/** What was measured in the searches, published, and measured after a full training: never one for the other. */
export function qualityRows(a: ArchitectureDetail, b: ArchitectureDetail, names: DisplayNames): Row[] {
  const metric = a.metric === b.metric ? a.metric : null;
  const scale: Scale = {
    best: metric === "perplexity" ? "lower" : "higher",
    gap: (size) => (metric === "perplexity" ? formatQuality(size, metric) : formatScoreGap(size, "accuracy")),
    relative: metric === "perplexity",
  };
  const row = (
    title: string,
    note: string,
    quality: (each: ArchitectureDetail) => number | null,
    dataOf: (each: ArchitectureDetail) => string | null,
    isAlike = true,
  ): Row[] => {
    const figure = (each: ArchitectureDetail): Figure => {
      const value = quality(each);
      if (value === null) return { value, text: MISSING };
      const data = dataOf(each);
      const kind = metric === null ? each.metric : "";
      const about = [kind, data === null ? "" : names.dataset(data)].filter(Boolean).join(", ");
      return { value, text: formatQuality(value, each.metric), ...(about && { note: about }) };
    };
    const [first, second] = [figure(a), figure(b)];
    if (first.value === null && second.value === null) return [];
    const sameData = dataOf(a) === dataOf(b);
    const why = metric === null ? OTHER_METRIC : sameData ? (isAlike ? "" : OTHER_TRAINING) : OTHER_DATA;
    const words = {
      title: capitalise(`${title} ${metric ?? "quality"}`),
      note,
      ...(metric && { term: metric }),
    };
    return [rowOf(words, first, second, scale, why)];
  };
  return [
    ...row(
      "validation",
      "in the search",
      (each) => (each.kind === "published" ? null : measuredQuality(each)),
      ({ dataset }) => dataset,
      a.measurement === b.measurement,
    ),
    ...row(
      "published",
      "as published, not measured here",
      (each) => (each.kind === "published" ? claimOf(each).value : null),
      () => null,
    ),
    ...row(
      "test",
      "of the best trained model",
      ({ best_trained: trained, metric: own }) =>
        (own === "perplexity" ? trained?.test_perplexity : trained?.test_accuracy) ?? null,
      ({ best_trained: trained }) => trained?.dataset ?? null,
    ),
  ];
}
