// Edits of a chain in plain words: how the width, the depth or the kernel of each block changed.
import {
  blockName,
  blockOf,
  describeBlock,
  describeDifference,
  isBlock,
  shortSize,
} from "../dag/chain/blocks";
import { joinWords } from "../format/text";
import type { Edits, NodeRow } from "../live/events";
import type { NodeChange } from "../live/view";

const DETAILED = 2;

interface Entry {
  readonly id: number;
  readonly name: string;
  readonly text: string;
}

/**
 * "block 3: 80 to 96 channels, 4 to 5 layers; new block 7: 96 ch ×3"; empty if the edits change no blocks.
 * `changes`: what became of the changed nodes, if it is known what they were. `detailed`: blocks whose changes are told;
 * of more there are the names.
 */
export function describeBlocks(
  edits: Edits,
  changes: readonly NodeChange[] | null,
  detailed = DETAILED,
): string {
  const known = new Map(changes?.map((change) => [change.node, change.was]));
  const rows = [...edits.nodes_changed, ...edits.nodes_added];
  const gone = edits.nodes_removed.filter((node) => isBlock(known.get(node) ?? {}));
  if (gone.length === 0 && !rows.some(([, , , attrs = {}]) => isBlock({ attrs }))) return "";
  const entries = [
    ...edits.nodes_changed.flatMap((row) => changedBlock(row, known.get(row[0]) ?? null) ?? []),
    ...edits.nodes_added.map(addedBlock),
    ...edits.nodes_removed.map((node) => ({
      id: node,
      name: `block ${node}`,
      text: `block ${node} removed`,
    })),
  ];
  if (entries.length > detailed) return `${nameBlocks(entries)} changed`;
  return entries.map(({ text }) => text).join("; ");
}

/** "stem and blocks 2, 3 and 4" */
function nameBlocks(entries: readonly Entry[]): string {
  const stem = entries.filter(({ name }) => name === "stem").map(({ name }) => name);
  const ids = entries.filter(({ name }) => name !== "stem").map(({ id }) => String(id));
  return [...stem, `blocks ${joinWords(ids)}`].join(" and ");
}

/** Null where nothing of it is another but its place. */
function changedBlock([id, op, , attrs = {}]: NodeRow, was: NodeChange["was"]): Entry | null {
  const name = blockName({ id, op });
  if (was === null) return { id, name, text: `${name} now ${describeBlock({ id, op, attrs })}` };
  const difference = describeDifference(was, { op, attrs });
  return difference === "" ? null : { id, name, text: `${name}: ${difference}` };
}

function addedBlock([id, op, , attrs = {}]: NodeRow): Entry {
  return { id, name: `block ${id}`, text: `new block ${id}: ${shortSize(blockOf({ id, op, attrs }))}` };
}
