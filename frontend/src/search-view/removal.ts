// Why an edge or node was removed: when, with what, and by whom, from the history of the branch and its ancestors.
import { formatScore } from "../format/numbers";
import { capitalise, formatEdge } from "../format/text";
import { cutEdge } from "../live/edits";
import type { Edits } from "../live/events";
import type { HandEdit, PastCommand, Step } from "../live/history";
import { decisionAt, type Line } from "../live/line";
import { changeName, changeOfStep } from "./changeText";
import { targetName } from "./commandText";
import type { MomentEdge, MomentNode } from "./momentParts";

const NO_INPUT = "Removed because it had no input left.";

/** "cut at step 3" */
export function describeCutTime({ cutAt, removal }: Pick<MomentEdge, "cutAt" | "removal">): string {
  return cutAt === null ? removal : `${removal} at step ${cutAt}`;
}

export function explainEdgeRemoval(edge: MomentEdge, line: Line): string {
  if (edge.cause === "collapse") return explainCollapse(lastEdit(line, edge, lost(edge.id)), line);
  if (edge.cause === "person") {
    const cut = lastEdit(line, edge, ({ edges_removed }) => edges_removed.includes(edge.id));
    return `Cut manually${cut ? attribution(commandBefore(line, cut)) : ""}.`;
  }
  const decided = edge.cutAt === null ? undefined : decisionAt(line, edge.cutAt);
  if (!decided) return `${capitalise(edge.removal)} by the search.`;
  if (cutEdge(decided.edits) === null) return explainReplacement(decided, line);
  return `Cut by the search: score ${formatScore(decided.score)}, ${describeStanding(decided, "the best of its step")}.`;
}

export function explainNodeRemoval(node: MomentNode, line: Line): string {
  const byHand = lastCommand(line, "remove", (command) => command.node === node.id);
  return node.cause === "person" && byHand ? `Cut manually${attribution(byHand)}.` : NO_INPUT;
}

/** "the best, 0.0012 ahead of the second"; of scores within noise of each other the cheaper cell is chosen */
export function describeStanding({ margin }: Pick<Step, "margin">, best: string): string {
  if (margin === null) return best;
  if (margin < 0) return `${formatScore(-margin)} behind ${best}, which is within its noise, and cheaper`;
  return `${best}, ${formatScore(margin)} ahead of the second`;
}

function explainReplacement(decided: Step, line: Line): string {
  return `Not in the cell that the search chose at step ${decided.step}: ${changeName(changeOfStep(line, decided))}, score ${formatScore(decided.score)}.`;
}

/** The last applied command of a kind that matches. */
export function lastCommand(
  { commands }: Line,
  kind: PastCommand["kind"],
  matches: (command: PastCommand) => boolean,
): PastCommand | undefined {
  return commands.findLast((command) => !command.refused && command.kind === kind && matches(command));
}

export function attribution(command: PastCommand | undefined): string {
  return command?.by ? ` by ${command.by}${command.reason ? `: “${command.reason}”` : ""}` : "";
}

type Edit = Step | HandEdit;

const isDecision = (edit: Edit): edit is Step => "score" in edit;

/** The last edit that matches, of those that happened by the time that the part is gone since. */
function lastEdit(
  { steps, edited }: Line,
  { cutAt }: Pick<MomentEdge, "cutAt">,
  matches: (edits: Edits) => boolean,
): Edit | undefined {
  const found = (edit: Edit) => (cutAt === null || edit.step === cutAt) && matches(edit.edits);
  const [step, byHand] = [steps.findLast(found), edited.findLast(found)];
  return (step?.seq ?? -1) > (byHand?.seq ?? -1) ? step : byHand;
}

function lost(edge: string): (edits: Edits) => boolean {
  return ({ edges_lost }) => edges_lost.includes(edge);
}

function explainCollapse(edit: Edit | undefined, line: Line): string {
  if (!edit) return NO_INPUT;
  if (isDecision(edit)) {
    const edge = cutEdge(edit.edits);
    if (edge === null) return explainReplacement(edit, line);
    return `Removed with ${formatEdge(edge)}, because it had no input left.`;
  }
  const [node = null] = edit.edits.nodes_removed;
  const [edge = null] = node === null ? edit.edits.edges_removed : [];
  const target = targetName(commandBefore(line, edit) ?? { node, edge });
  return `Removed with ${target}, which was cut manually, because it had no input left.`;
}

/** The command that caused an edit: it is logged first, then its effect. */
function commandBefore({ commands }: Line, { seq }: Edit): PastCommand | undefined {
  const command = commands.findLast((each) => !each.refused && each.seq < seq);
  return command?.kind === "remove" ? command : undefined;
}
