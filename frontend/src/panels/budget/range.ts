// The range of a cost in words: from the smallest graph to the largest, or to the first where graphs may grow beyond it.
import { isChain, isGrowing } from "../../dag/chain/blocks";
import { type CostDefinition, type LimitKey, limitedValue } from "../../format/costs";
import type { View } from "../../live/view";

type Ended = Pick<View, "nodes" | "ends" | "start">;

/** "smallest cell 20 k, largest cell 120 k", "smallest chain 3 k, first chain 44 k". `values`: those shown with it. */
export function describeRange(
  { nodes, ends, start }: Ended,
  { key, show }: Pick<CostDefinition<LimitKey>, "key" | "show">,
  values: readonly (number | null)[],
): string {
  const word = isChain(nodes) ? "chain" : "cell";
  const least = ends.smallest && limitedValue(ends.smallest, key);
  const most = ends.largest && limitedValue(ends.largest, key);
  const first = start && limitedValue(start, key);
  const grows = isGrowing(nodes) || values.some((value) => value !== null && most !== null && value > most);
  const end = most ?? first;
  return [
    least !== null && `smallest ${word} ${show(least)}`,
    end !== null && `${most === null || grows ? "first" : "largest"} ${word} ${show(end)}`,
  ]
    .filter(Boolean)
    .join(", ");
}
