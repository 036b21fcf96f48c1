// Milestones on the way to an architecture, from its search's history: the first cell, manual edits, when the limits were
// first met, and this cell; each with the edges that were active then.
import { describeChain, isChain } from "../../dag/chain/blocks";
import { LIMITS } from "../../format/costs";
import { formatScore } from "../../format/numbers";
import { formatEdge, plural } from "../../format/text";
import type { NodeRow, Snapshot } from "../../live/events";
import { cellAt, decidedCell, decisionAt, type Line } from "../../live/line";
import { decidedNodes, nodesAt } from "../../live/lineNodes";
import { graphOfNodes } from "../../search-view/moment";

export interface Milestone {
  readonly kind: "start" | "person" | "held" | "fits" | "now";
  readonly step: number;
  readonly title: string;
  readonly note: string;
  readonly live: ReadonlySet<string>;
  readonly nodes: readonly NodeRow[];
}

type Own = Pick<Milestone, "live" | "nodes">;

const MAX_BY_HAND = 4; // manual edits; the search page shows all

/** What the milestones need of the search as it is now. */
type Search = Pick<Snapshot, "task" | "best" | "trained">;

/** `own`: the parts of the architecture, which may be those of a candidate that the step did not choose. */
export function milestonesOf(
  search: Search,
  line: Line,
  step: number,
  own: Own,
  methodOf = (key: string) => key,
): Milestone[] {
  const { task } = search;
  const blocks = graphOfNodes(line.nodes).nodes;
  const moments: Milestone[] = [
    {
      kind: "start",
      step: line.first,
      title: isChain(blocks)
        ? `First chain, ${describeChain(blocks)}`
        : `First cell, ${plural(line.start.length, "edge")}`,
      note: `${methodOf(task.strategy.name)}, seed ${task.seed}`,
      live: new Set(line.start),
      nodes: line.nodes,
    },
  ];
  const fits = line.steps.find((each) => each.fits);
  const limited = LIMITS.some(({ key }) => typeof task.budget[key] === "number");
  if (fits && limited && fits.step <= step) {
    moments.push({
      kind: "fits",
      step: fits.step,
      title: "All limits met",
      note: isChain(blocks) ? "" : plural(fits.edges, "edge"),
      live: decidedCell(line, fits.step),
      nodes: decidedNodes(line, fits.step),
    });
  }
  const byHand = line.commands.filter(
    (command) => !command.refused && command.edge !== null && command.step <= step,
  );
  for (const { kind, edge, step: when, by, reason } of byHand.slice(-MAX_BY_HAND)) {
    moments.push({
      kind: kind === "remove" ? "person" : "held",
      step: when,
      title: `${formatEdge(edge ?? "")} ${kind === "remove" ? "cut manually" : `${kind}ed`}`,
      note: [by, reason && `“${reason}”`].filter(Boolean).join(": "),
      live: cellAt(line, when),
      nodes: nodesAt(line, when),
    });
  }
  moments.sort((a, b) => a.step - b.step); // a step before what people edited after it
  moments.push(lastMilestone(search, line, step, own));
  return moments;
}

function lastMilestone({ best, trained }: Search, line: Line, step: number, own: Own): Milestone {
  const shown = cellAt(line, step);
  const chosen = shown.size === own.live.size && [...own.live].every((id) => shown.has(id));
  // The best may belong to the step after the last, when the final cell was evaluated again.
  const isBest = best !== null && (best.step === step || (step === line.last && best.step > step));
  const score = isBest ? best.score : decisionAt(line, step)?.score;
  const name = isChain(graphOfNodes(own.nodes).nodes) ? "This chain" : "This cell";
  const when = isBest ? " as the answer" : ""; // its last measurement, not that of its step
  return {
    kind: "now",
    step,
    title: score === undefined ? name : `${name}, score ${formatScore(score)}${when}`,
    note: `${chosen ? "" : "as a candidate, "}${plural(trained, "candidate")} tested by the search`,
    ...own,
  };
}
