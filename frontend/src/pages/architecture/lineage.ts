// Milestones on the way to an architecture, from its search's history: the first cell, manual edits, when the limits were
// first met, and this cell; each with the edges that were active then.
import { LIMITS } from "../../format/costs";
import { formatScore } from "../../format/numbers";
import { formatEdge, plural } from "../../format/text";
import type { Snapshot } from "../../live/events";
import { cellAt, decidedCell, decisionAt, type Line } from "../../live/line";

export interface Milestone {
  readonly kind: "start" | "person" | "held" | "fits" | "now";
  readonly step: number;
  readonly title: string;
  readonly note: string;
  readonly live: ReadonlySet<string>;
}

const MAX_BY_HAND = 4; // manual edits; the search page shows all

/** What the milestones need of the search as it is now. */
type Search = Pick<Snapshot, "task" | "best" | "trained">;

/** `own`: the edges of the architecture, which may be those of a candidate that the step did not choose. */
export function milestonesOf(
  search: Search,
  line: Line,
  step: number,
  own: ReadonlySet<string>,
  methodOf = (key: string) => key,
): Milestone[] {
  const { task } = search;
  const moments: Milestone[] = [
    {
      kind: "start",
      step: line.first,
      title: `First cell, ${plural(line.start.length, "edge")}`,
      note: `${methodOf(task.strategy.name)}, seed ${task.seed}`,
      live: new Set(line.start),
    },
  ];
  const fits = line.steps.find((each) => each.fits);
  const limited = LIMITS.some(({ key }) => typeof task.budget[key] === "number");
  if (fits && limited && fits.step <= step) {
    moments.push({
      kind: "fits",
      step: fits.step,
      title: "All limits met",
      note: plural(fits.edges, "edge"),
      live: decidedCell(line, fits.step),
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
    });
  }
  moments.sort((a, b) => a.step - b.step); // a step before what people edited after it
  moments.push(lastMilestone(search, line, step, own));
  return moments;
}

function lastMilestone(
  { best, trained }: Search,
  line: Line,
  step: number,
  live: ReadonlySet<string>,
): Milestone {
  const shown = cellAt(line, step);
  const chosen = shown.size === live.size && [...live].every((id) => shown.has(id));
  // The best may belong to the step after the last, when the final cell was evaluated again.
  const isBest = best !== null && (best.step === step || (step === line.last && best.step > step));
  const score = isBest ? best.score : decisionAt(line, step)?.score;
  const when = isBest ? " as the answer" : ""; // its last measurement, not that of its step
  return {
    kind: "now",
    step,
    title: score === undefined ? "This cell" : `This cell, score ${formatScore(score)}${when}`,
    note: `${chosen ? "" : "as a candidate, "}${plural(trained, "candidate")} tested by the search`,
    live,
  };
}
