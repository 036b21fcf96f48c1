// Long numbers, plurals, lists, dates and checksums as text.

export const MISSING = "–";
const MINUS = "−";

type Maybe = number | null | undefined;

/** Digits grouped by narrow no-break spaces, so that a long number is readable and does not wrap. */
export function groupDigits(value: Maybe): string {
  if (typeof value !== "number") return MISSING;
  const text = Math.abs(Math.round(value))
    .toString()
    .replace(/\B(?=(\d{3})+$)/g, "\u202f");
  return value < 0 && text !== "0" ? `${MINUS}${text}` : text;
}

/** A small difference between two runtimes: 0, 2.1e−6. */
export function formatDifference(value: Maybe): string {
  if (typeof value !== "number") return MISSING;
  return value === 0 ? "0" : value.toExponential(1).replace("-", MINUS);
}

export function plural(n: number, one: string, many = `${one}s`): string {
  return `${groupDigits(n)} ${n === 1 ? one : many}`;
}

/** "params", "params and MACs", "params, MACs and memory" */
export function joinWords(words: readonly string[]): string {
  if (words.length < 2) return words[0] ?? "";
  return `${words.slice(0, -1).join(", ")} and ${words[words.length - 1]}`;
}

/** A date in the user's locale. */
export function formatDay(iso: string | null | undefined): string {
  const date = iso ? new Date(iso) : null;
  if (!date || Number.isNaN(date.getTime())) return MISSING;
  return date.toLocaleDateString(undefined, { dateStyle: "medium" });
}

/** Date and time in the user's locale. */
export function formatDateTime(iso: string | null | undefined): string {
  const date = iso ? new Date(iso) : null;
  if (!date || Number.isNaN(date.getTime())) return MISSING;
  return date.toLocaleString(undefined, { dateStyle: "medium", timeStyle: "short" });
}

/** First and last characters of a checksum: enough to compare by eye; the title has the whole. */
export function shortenChecksum(hex: string): string {
  return hex.length <= 16 ? hex : `${hex.slice(0, 4)} ${hex.slice(4, 8)} … ${hex.slice(-4)}`;
}
