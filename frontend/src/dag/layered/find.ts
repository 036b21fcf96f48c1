// Search in a drawing: nodes whose text or name has all the words, in the order of running.
import type { LayeredGraph } from "./graph";

export function findNodes({ nodes }: LayeredGraph, text: string): number[] {
  const words = simplified(text).split(/\s+/).filter(Boolean).map(pattern);
  if (words.length === 0) return [];
  return nodes
    .filter(({ title, detail, name }) => {
      const all = simplified(`${title} ${detail} ${name}`);
      return words.every((word) => word.test(all));
    })
    .sort((a, b) => a.rank - b.rank)
    .map(({ id }) => id);
}

/** "3x3" finds "3×3". */
function simplified(text: string): string {
  return text.toLowerCase().replaceAll("×", "x");
}

/** Numbers are found whole: "3x3" is not in "3x32", nor "node1" in "node12". */
function pattern(word: string): RegExp {
  const literal = word.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
  return new RegExp(`${/^\d/.test(word) ? "(?<!\\d)" : ""}${literal}${/\d$/.test(word) ? "(?!\\d)" : ""}`);
}
