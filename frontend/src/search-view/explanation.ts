// Explanations of edges and nodes, and the progress of a search, as text.
import type { Command } from "../api/types";
import { STATE_WORDS } from "../dag/graph";
import { plural } from "../format/text";
import { formatQuality, formatScore, formatScoreGap, formatSigned, type Metric } from "../format/units";
import type { LogLine, View } from "../live/events";
import type { SearchStatus, Telemetry } from "../live/messages";
import { commandVerb } from "./commandText";
import { type Moment, type MomentEdge, type MomentNode, rankCandidates } from "./moment";
import { attribution, describeCutTime, explainEdgeRemoval, explainNodeRemoval, lastCommand } from "./removal";
import { decisionAt } from "./replay";

export const STATUS_WORDS: Record<SearchStatus, string> = {
  queued: "Queued",
  running: "Running",
  paused: "Paused",
  finished: "Finished",
  stopped: "Stopped",
  cancelled: "Cancelled",
  failed: "Failed",
};

export function formatFitness(value: number | null, metric: Metric): string {
  return value === null ? "none yet" : formatSigned(value, (size) => formatScoreGap(size, metric));
}

/** The label of an edge for screen readers. */
export function edgeLabel(edge: MomentEdge): string {
  const ends = `Edge ${edge.source} to ${edge.target}`;
  const waits = pendingSuffix(edge.pendingCommand);
  if (edge.state === "removed") return `${ends}, ${describeCutTime(edge)}${waits}`;
  const tested = edge.tests === 0 ? "not tested yet" : `tested ${plural(edge.tests, "time")}`;
  return `${ends}, ${STATE_WORDS[edge.state]}, ${tested}${waits}`;
}

/** The label of a node for screen readers. */
export function nodeLabel(node: MomentNode): string {
  const state = node.removed ? describeCutTime(node) : node.locked ? "locked" : "active";
  return `Node ${node.id}, ${node.op}, ${state}${pendingSuffix(node.pendingCommand)}`;
}

function pendingSuffix(command: Command | null): string {
  return command ? `, ${command.by} asked to ${commandVerb(command.kind)} it` : "";
}

export interface Explanation {
  head: string;
  text: string;
}

/** Why an edge is in its state. */
export function explainEdge(edge: MomentEdge, moment: Moment, view: View): Explanation {
  const candidate = moment.candidates.find((c) => c.edge === edge.id);
  const lost = (candidate?.edges.length ?? 1) - 1;
  const along = lost > 0 ? ` ${plural(lost, "more edge")} would go with it.` : "";
  switch (edge.state) {
    case "removed":
      return { head: describeCutTime(edge), text: explainEdgeRemoval(edge, view) };
    case "locked":
      return {
        head: "locked",
        text: `${describeLock(view, (l) => l.edge === edge.id)}The search may neither test nor cut it.`,
      };
    case "infeasible":
      return {
        head: "infeasible",
        text: `Not tested: ${candidate?.whyNot ?? "it would break a limit"}. You can still force it.`,
      };
    case "next":
      return { head: nextHeading(moment), text: explainNext(edge, moment, view) + along };
    case "active":
      return explainActive(edge, moment, view, along);
  }
}

/** The role of a node, and why it is in its state. */
export function explainNode(node: MomentNode, moment: Moment, view: View): Explanation {
  const touching = moment.edges.filter((e) => e.source === node.id || e.target === node.id);
  if (node.removed) return { head: describeCutTime(node), text: explainNodeRemoval(node, view) };
  const count = (end: "source" | "target") =>
    touching.filter((e) => e.state !== "removed" && e[end] === node.id).length;
  const ways =
    node.op === "input"
      ? `Where the cell begins; it feeds ${plural(count("source"), "edge")}.`
      : `${plural(count("target"), "edge")} in, ${count("source")} out.${node.leaf ? " Its output goes on to the next stage." : ""}`;
  if (!node.locked) return { head: node.op, text: ways };
  const who = describeLock(view, (l) => l.node === node.id);
  return { head: "locked", text: `${who}The search may not lose it. ${ways}` };
}

function nextHeading(moment: Moment): string {
  if (moment.nextBecause === "person") return "cut by hand";
  return moment.nextBecause === "decided" ? "why this one" : "leads so far";
}

function explainNext(edge: MomentEdge, moment: Moment, view: View): string {
  if (moment.nextBecause === "person")
    return "A person asked for this cut. It is made when the tests in hand are done.";
  const ranked = rankCandidates(moment.candidates).filter((c) => c.status === "done" && c.edge !== null);
  const own = ranked.find((c) => c.edge === edge.id);
  const rival = ranked.find((c) => c.edge !== edge.id);
  if (moment.nextBecause === "decided") {
    const margin = decisionAt(view, moment.step + 1)?.margin;
    const ahead =
      margin !== null && margin !== undefined && rival?.edge
        ? `, ${margin.toFixed(4)} ahead of the next`
        : "";
    return `Without it the cell scores ${formatScore(own?.score)}, best of ${ranked.length}${ahead}.`;
  }
  const waiting = moment.candidates.filter((c) => c.status === "queued" || c.status === "running").length;
  const still = waiting > 0 ? ` ${plural(waiting, "test")} to go.` : "";
  const reaches = `${view.metric === "perplexity" ? "a perplexity of " : ""}${formatQuality(own?.quality, view.metric)}`;
  const most = view.metric === "perplexity" ? "the least" : "the most";
  return `Without it the cell reaches ${reaches}, ${most} of ${ranked.length} tested.${still}`;
}

function explainActive(edge: MomentEdge, moment: Moment, view: View, along: string): Explanation {
  const ranked = rankCandidates(moment.candidates).filter((c) => c.status === "done" && c.edge !== null);
  const place = ranked.findIndex((c) => c.edge === edge.id);
  const own = moment.candidates.find((c) => c.edge === edge.id);
  if (place >= 0) {
    const behind = describeGap(ranked[0], ranked[place], view);
    const text = behind === null ? "" : `Cutting it would cost ${behind} against the leader.`;
    return { head: `rank ${place + 1} of ${ranked.length}`, text: text + along };
  }
  if (moment.measuring && (own?.status === "running" || own?.status === "queued"))
    return { head: "to be measured", text: `Latency comes first: what is too slow is not trained.${along}` };
  if (own?.status === "running")
    return { head: "being tested", text: `The cell without it is in training.${along}` };
  if (own?.status === "queued") return { head: "to be tested", text: `Its test waits for its turn.${along}` };
  if (own?.status === "error")
    return { head: "test failed", text: "The cell without it could not be trained." };
  const kept = ["Never tested", "Tested once", "Tested twice"][edge.tests];
  const text = kept ? `${kept}: too little to judge.` : `Kept through ${edge.tests} tests.`;
  return { head: moment.over ? "kept" : "not tested this step", text };
}

function describeGap(
  a: { score: number | null; quality: number | null } | undefined,
  b: { score: number | null; quality: number | null } | undefined,
  { metric }: View,
): string | null {
  const scored = a?.score !== null && b?.score !== null;
  const [x, y] = scored ? [a?.score, b?.score] : [a?.quality, b?.quality];
  if (x === null || x === undefined || y === null || y === undefined) return null;
  if (metric === "perplexity")
    return scored ? `${(x - y).toFixed(4)} of score` : `${(y - x).toFixed(1)} of perplexity`;
  return `${((x - y) * 100).toFixed(2)} points`;
}

function describeLock(view: View, own: (line: LogLine) => boolean): string {
  const lock = attribution(lastCommand(view, "lock", own));
  return lock && `Locked${lock}. `;
}

/** The progress of the search in one line. */
export function describeProgress(view: View, telemetry: Telemetry | null, moment: Moment): string {
  if (moment.over) return `${plural(view.step, "step")}, ${plural(view.candidate_count, "candidate")} tested`;
  if (telemetry?.waiting) return telemetry.waiting;
  const tests = moment.candidates.filter((c) => c.feasible);
  const done = tests.filter((c) => c.status === "done" || c.status === "error").length;
  if (!moment.head || tests.length === 0) return `Step ${view.step}`;
  if (moment.measuring) {
    const { done: measured, of } = moment.measuring;
    return `Step ${view.step}: measuring latency, ${measured} of ${of}`;
  }
  return `Step ${view.step}: ${done} of ${tests.length} tested`;
}
