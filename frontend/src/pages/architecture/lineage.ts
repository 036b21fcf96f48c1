// Milestones on the way to an architecture, from its search's log: the first cell, manual edits, when the limits were
// first met, and this cell; each with the edges that were active then.

import { LIMITS } from "../../format/costs";
import { formatScore } from "../../format/numbers";
import { formatEdge, plural } from "../../format/text";
import type { View, ViewStep } from "../../live/events";
import { activeEdgesAt } from "../../search-view/replay";
import { cutsEdges } from "../../search-view/strategy";

export interface Milestone {
  readonly kind: "start" | "person" | "held" | "fits" | "now";
  readonly step: number;
  readonly title: string;
  readonly note: string;
  readonly live: ReadonlySet<string>;
}

const MAX_BY_HAND = 4; // manual edits; the search page shows all

/** `own`: the edges of the architecture, which may be those of a candidate that the step did not choose. */
export function milestonesOf(
  view: View,
  step: number,
  own: ReadonlySet<string>,
  methodOf = (key: string) => key,
): Milestone[] {
  const cuts = view.task === null || cutsEdges(view.task.strategy.name);
  const at = (k: number) => activeEdgesAfter(view, k);
  const moments: Milestone[] = [
    {
      kind: "start",
      step: 0,
      title: `${cuts ? "Dense" : "First"} cell, ${plural(at(0).size, "edge")}`,
      note: view.task ? `${methodOf(view.task.strategy.name)}, seed ${view.task.seed}` : "",
      live: at(0),
    },
  ];
  const byHand = view.log.filter(
    (line) =>
      line.kind === "command_applied" && line.edge !== null && line.step !== null && line.step <= step,
  );
  for (const line of byHand.slice(-MAX_BY_HAND)) {
    const verb = line.command === "remove" ? "cut manually" : `${line.command ?? "chang"}ed`;
    moments.push({
      kind: line.command === "remove" ? "person" : "held",
      step: line.step ?? 0,
      title: `${formatEdge(line.edge ?? "")} ${verb}`,
      note: [line.by, line.reason && `“${line.reason}”`].filter(Boolean).join(": "),
      live: at(line.step ?? 0),
    });
  }
  const fits = view.history.find((each) => each.fits);
  const limited = LIMITS.some(({ key }) => typeof view.task?.budget[key] === "number");
  if (fits && limited && fits.step <= step) {
    moments.push({
      kind: "fits",
      step: fits.step,
      title: "All limits met",
      note: `${plural(fits.edges, "edge")}${cuts ? " left" : ""}`,
      live: at(fits.step),
    });
  }
  moments.sort((a, b) => a.step - b.step);
  moments.push(lastMilestone(view, step, own, cuts ? "cut" : "candidate"));
  return moments;
}

/** The active edges after a step and the manual edits that follow it. */
function activeEdgesAfter(view: View, step: number): ReadonlySet<string> {
  const decided = activeEdgesAt(view, step);
  const edges = view.edges.filter((edge) => decided.has(edge.id) && (edge.step === null || edge.step > step));
  return new Set(edges.map((edge) => edge.id));
}

function lastMilestone(view: View, step: number, live: ReadonlySet<string>, candidate: string): Milestone {
  const shown = activeEdgesAfter(view, step);
  const chosen = shown.size === live.size && [...live].every((id) => shown.has(id));
  const decided: ViewStep | undefined = view.history.find((each) => each.step === step);
  const tested = view.history
    .filter((each) => each.step <= step)
    .reduce((sum, each) => sum + each.tested.length, 0);
  // The best may belong to the step after the last, when the final cell was evaluated again.
  const isBest =
    view.best !== null && (view.best.step === step || (step === view.step && view.best.step > step));
  const best = isBest ? view.best?.score : decided?.score;
  return {
    kind: "now",
    step,
    title: best === undefined || best === null ? "This cell" : `This cell, score ${formatScore(best)}`,
    note: `${chosen ? "" : "as a candidate, "}${plural(tested, candidate)} tested in total`,
    live,
  };
}
