// Numbers with units as text. k and M are powers of ten, KiB is 1024 bytes, a missing value is a dash.

const DASH = "–";
type Maybe = number | null | undefined;

/** Parameters, MACs, items: 864, 7.7 k, 2.46 M, 384 M, 1.02 G. */
export function formatCount(value: Maybe): string {
  if (value === null || value === undefined) return DASH;
  const size = Math.abs(value);
  // The next unit starts where rounding would print 1000 of the smaller one.
  if (size < 999.5) return withMinusSign(`${Math.round(value)}`);
  if (size < 999_950) return withMinusSign(`${(value / 1e3).toFixed(1)} k`);
  if (size < 999_500_000) return withMinusSign(`${(value / 1e6).toFixed(size < 99_995_000 ? 2 : 0)} M`);
  return withMinusSign(`${(value / 1e9).toFixed(2)} G`);
}

/** Memory: one KiB is 1024 bytes. */
export function formatMemory(bytes: Maybe): string {
  if (bytes === null || bytes === undefined) return DASH;
  if (bytes === 0) return "0 KiB";
  const value = bytes / 1024;
  const size = Math.abs(value);
  return withMinusSign(
    size >= 10_240 ? `${(value / 1024).toFixed(1)} MiB` : `${value.toFixed(size < 10 ? 1 : 0)} KiB`,
  );
}

/** File sizes in powers of ten, as file managers show them. */
export function formatFileSize(bytes: Maybe): string {
  if (bytes === null || bytes === undefined) return DASH;
  if (bytes < 1_000) return `${bytes} B`;
  if (bytes < 999_500) return `${Math.round(bytes / 1e3)} kB`;
  return bytes < 999_950_000 ? `${(bytes / 1e6).toFixed(1)} MB` : `${(bytes / 1e9).toFixed(2)} GB`;
}

/** Latency: measured in microseconds, shown in milliseconds. */
export function formatLatency(microseconds: Maybe): string {
  if (microseconds === null || microseconds === undefined) return DASH;
  const value = microseconds / 1_000;
  const size = Math.abs(value);
  return withMinusSign(`${value.toFixed(size < 0.1 ? 3 : size < 10 ? 2 : size < 100 ? 1 : 0)} ms`);
}

export function formatPercent(share: Maybe, digits = 1): string {
  return share === null || share === undefined ? DASH : `${(share * 100).toFixed(digits)} %`;
}

/** On an axis: as many digits as the step needs, so that no two ticks look the same. */
export function formatPercentTick(share: number): string {
  return `${Number((share * 100).toFixed(2))} %`;
}

/** The quality metric of a search; lower is better for perplexity. */
export type Metric = "accuracy" | "perplexity";

export function formatQualityTick(value: number, metric: Metric): string {
  return metric === "perplexity" ? String(value) : formatPercentTick(value);
}

export function formatQuality(value: Maybe, metric: Metric): string {
  if (metric !== "perplexity") return formatPercent(value);
  return value === null || value === undefined ? DASH : value.toFixed(1);
}

export function formatScore(value: Maybe): string {
  return value === null || value === undefined ? DASH : withMinusSign(value.toFixed(4));
}

/** The difference of two scores: in points for accuracy, else as a plain number. */
export function formatScoreGap(value: number, metric: Metric): string {
  return metric === "perplexity" ? value.toFixed(4) : `${(value * 100).toFixed(2)} pt`;
}

/** A change, always with its sign; uses the minus character. */
export function formatSigned(value: number, show: (size: number) => string): string {
  return (value > 0 ? "+" : value < 0 ? "−" : "±") + show(Math.abs(value));
}

export function formatDuration(seconds: number): string {
  if (seconds < 60) return `${Math.max(0, Math.floor(seconds))} s`;
  if (seconds < 3_600) return `${Math.floor(seconds / 60)} min`;
  if (seconds < 86_400) return `${Math.floor(seconds / 3_600)} h ${Math.floor((seconds % 3_600) / 60)} min`;
  return `${Math.floor(seconds / 86_400)} d`;
}

const clock = new Intl.DateTimeFormat(undefined, { hour: "2-digit", minute: "2-digit", hourCycle: "h23" });

export function formatTimeOfDay(iso: string): string {
  return clock.format(new Date(iso));
}

/** An edge as the user reads it, with an arrow. */
export function formatEdge(id: string): string {
  return id.replace("-", "→");
}

function withMinusSign(text: string): string {
  return text.replace("-", "−");
}
