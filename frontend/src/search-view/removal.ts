// Why an edge or node was removed: when, with what, and by whom. Uses only lines of the current branch and its ancestors,
// not of abandoned ones.

import { formatScore } from "../format/numbers";
import { capitalise, formatEdge } from "../format/text";
import type { LogLine, View } from "../live/events";
import { changeName, changesCell } from "./changeText";
import { targetName } from "./commandText";
import type { MomentEdge, MomentNode } from "./moment";
import { branchLines } from "./replay";

const NO_INPUT = "Removed because it had no input left.";

type RemovalTime = Pick<MomentEdge, "cutAt" | "byHand" | "removal">;

/** A manual cut happens after its step, which still shows the edge. */
export function describeCutTime({ cutAt, byHand, removal }: RemovalTime): string {
  return cutAt === null ? removal : `${removal} ${byHand ? "after" : "at"} step ${cutAt}`;
}

export function explainEdgeRemoval(edge: MomentEdge, view: View): string {
  const lines = branchLines(view);
  const at = lines.findLastIndex((line) => line.kind === "edge_removed" && line.edge === edge.id);
  if (edge.cause === "person") return `Cut manually${attribution(removalBefore(lines, at))}.`;
  if (edge.cause === "collapse") return explainCollapse(lines, at);
  const decided = view.history.find((step) => step.step === edge.cutAt);
  if (!decided) return `${capitalise(edge.removal)} by the search.`;
  if (decided.edge === null)
    return `Not in the cell that the search chose at step ${decided.step}: ${changeName(decided)}, score ${formatScore(decided.score)}.`;
  const tested = decided.tested.filter((t) => t.score !== null && changesCell(t)).length;
  return `Cut by the search: best of ${tested} tested, score ${formatScore(decided.score)}.`;
}

export function explainNodeRemoval(node: MomentNode, view: View): string {
  const byHand = lastCommand(view, "remove", (line) => line.node === node.id);
  return node.cause === "person" && byHand ? `Cut manually${attribution(byHand)}.` : NO_INPUT;
}

/** The last applied command of a kind that matches. */
export function lastCommand(
  view: View,
  kind: LogLine["command"],
  matches: (line: LogLine) => boolean,
): LogLine | undefined {
  return branchLines(view).findLast((l) => l.kind === "command_applied" && l.command === kind && matches(l));
}

export function attribution(line: LogLine | undefined): string {
  return line?.by ? ` by ${line.by}${line.reason ? `: “${line.reason}”` : ""}` : "";
}

/** Collapsed edges are logged directly after the cut that caused them. */
function explainCollapse(lines: readonly LogLine[], at: number): string {
  const before = lines.slice(0, Math.max(at, 0));
  const cut = before.findLastIndex((line) => line.kind === "edge_removed" && line.cause !== "collapse");
  const root = before[cut];
  if (!root) return NO_INPUT;
  if (root.cause !== "person")
    return `Removed with ${formatEdge(root.edge ?? "")}, because it had no input left.`;
  const target = targetName(removalBefore(lines, cut) ?? root);
  return `Removed with ${target}, which was cut manually, because it had no input left.`;
}

/** The command that caused a line: it is logged first, then its effects. */
function removalBefore(lines: readonly LogLine[], at: number): LogLine | undefined {
  const command = lines.slice(0, Math.max(at, 0)).findLast((line) => line.kind === "command_applied");
  return command?.command === "remove" ? command : undefined;
}
