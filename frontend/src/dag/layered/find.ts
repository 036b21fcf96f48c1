// Search in a drawing: nodes whose text or name has all the words, in the order of running.
import type { LayeredGraph } from "./graph";

export function findNodes({ nodes }: LayeredGraph, text: string): number[] {
  const words = text.toLowerCase().split(/\s+/).filter(Boolean);
  if (words.length === 0) return [];
  return nodes
    .filter(({ title, detail, name }) => {
      // "3x3" finds "3×3".
      const all = `${title} ${detail} ${name}`.toLowerCase().replaceAll("×", "x");
      return words.every((word) => all.includes(word.replaceAll("×", "x")));
    })
    .sort((a, b) => a.rank - b.rank)
    .map(({ id }) => id);
}
