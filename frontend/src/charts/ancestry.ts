// The descent of a member of a population, as what is in focus in a chart.
import type { Focus, Spot } from "./scatter/picture";

interface Descendant {
  readonly key: string;
  readonly parents: readonly string[];
}

/** The member with all its ancestors, and the lines from parents to children. */
export function ancestry<T extends Descendant>(
  members: readonly T[],
  member: string | null,
  placeOf: (member: T) => Spot,
): Focus {
  const known = new Map(members.map((each) => [each.key, each]));
  const ids = new Set<string>();
  const lines: [from: Spot, to: Spot][] = [];
  const open = member === null ? [] : [member];
  for (let id = open.pop(); id !== undefined; id = open.pop()) {
    const found = known.get(id);
    if (!found || ids.has(id)) continue;
    ids.add(id);
    for (const parent of found.parents) {
      const from = known.get(parent);
      if (from) lines.push([placeOf(from), placeOf(found)]);
      open.push(parent);
    }
  }
  return { ids, dims: true, lines };
}
