// Plurals, lists, edges and checksums as text.
import { formatInteger } from "./numbers";

export function plural(n: number, one: string, many = `${one}s`): string {
  return `${formatInteger(n)} ${n === 1 ? one : many}`;
}

/** "params", "params and MACs", "params, MACs and memory" */
export function joinWords(words: readonly string[]): string {
  if (words.length < 2) return words[0] ?? "";
  return `${words.slice(0, -1).join(", ")} and ${words[words.length - 1]}`;
}

/** The first letter as a capital. */
export function capitalise(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

/** An edge as the user reads it, with an arrow. */
export function formatEdge(id: string): string {
  return id.replace("-", "→");
}

/** First and last characters of a checksum: enough to compare by eye; the title has the whole. */
export function shortenChecksum(hex: string): string {
  return hex.length <= 16 ? hex : `${hex.slice(0, 4)} ${hex.slice(4, 8)} … ${hex.slice(-4)}`;
}
