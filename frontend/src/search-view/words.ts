// What the page says about an edge, a node and a search, in sentences.
import type { Command } from "../api/types";
import { STATE_WORDS } from "../dag/graph";
import { plural } from "../format/text";
import { type Metric, quality, score, scoreGap, signed } from "../format/units";
import type { LogLine, View } from "../live/events";
import type { Beside, SearchStatus } from "../live/messages";
import { by, cutAt, lastSaid, whyEdgeGone, whyNodeGone } from "./gone";
import { bestFirst, type Moment, type MomentEdge, type MomentNode } from "./moment";
import { decisionOf } from "./replay";
import { verbOf } from "./said";

export const STATUS_WORDS: Record<SearchStatus, string> = {
  queued: "Queued",
  running: "Running",
  paused: "Paused",
  finished: "Finished",
  stopped: "Stopped",
  cancelled: "Cancelled",
  failed: "Failed",
};

export function fitness(value: number | null, metric: Metric): string {
  return value === null ? "none yet" : signed(value, (size) => scoreGap(size, metric));
}

/** One edge for whoever cannot see it. */
export function edgeSentence(edge: MomentEdge): string {
  const ends = `Edge ${edge.source} to ${edge.target}`;
  const waits = waiting(edge.asked);
  if (edge.state === "removed") return `${ends}, ${cutAt(edge)}${waits}`;
  const tested = edge.tests === 0 ? "not tested yet" : `tested ${plural(edge.tests, "time")}`;
  return `${ends}, ${STATE_WORDS[edge.state]}, ${tested}${waits}`;
}

/** One node for whoever cannot see it. */
export function nodeSentence(node: MomentNode): string {
  const state = node.removed ? cutAt(node) : node.locked ? "locked" : "active";
  return `Node ${node.id}, ${node.op}, ${state}${waiting(node.asked)}`;
}

function waiting(asked: Command | null): string {
  return asked ? `, ${asked.by} asked to ${verbOf(asked.kind)} it` : "";
}

export interface EdgeNote {
  head: string;
  text: string;
}

/** Why an edge is as it is. */
export function edgeNote(edge: MomentEdge, moment: Moment, view: View): EdgeNote {
  const candidate = moment.candidates.find((c) => c.edge === edge.id);
  const lost = (candidate?.edges.length ?? 1) - 1;
  const along = lost > 0 ? ` ${plural(lost, "more edge")} would go with it.` : "";
  switch (edge.state) {
    case "removed":
      return { head: cutAt(edge), text: whyEdgeGone(edge, view) };
    case "locked":
      return {
        head: "locked",
        text: `${lockedBy(view, (l) => l.edge === edge.id)}The search may neither test nor cut it.`,
      };
    case "infeasible":
      return {
        head: "infeasible",
        text: `Not tested: ${candidate?.whyNot ?? "it would break a limit"}. You can still force it.`,
      };
    case "next":
      return { head: nextHead(moment), text: whyNext(edge, moment, view) + along };
    case "active":
      return activeNote(edge, moment, view, along);
  }
}

/** What a node is to the cell, and why it is as it is. */
export function nodeNote(node: MomentNode, moment: Moment, view: View): EdgeNote {
  const touching = moment.edges.filter((e) => e.source === node.id || e.target === node.id);
  if (node.removed) return { head: cutAt(node), text: whyNodeGone(node, view) };
  const count = (end: "source" | "target") =>
    touching.filter((e) => e.state !== "removed" && e[end] === node.id).length;
  const ways =
    node.op === "input"
      ? `Where the cell begins; it feeds ${plural(count("source"), "edge")}.`
      : `${plural(count("target"), "edge")} in, ${count("source")} out.${node.leaf ? " Its output goes on to the next stage." : ""}`;
  if (!node.locked) return { head: node.op, text: ways };
  const who = lockedBy(view, (l) => l.node === node.id);
  return { head: "locked", text: `${who}The search may not lose it. ${ways}` };
}

function nextHead(moment: Moment): string {
  if (moment.nextBecause === "person") return "cut by hand";
  return moment.nextBecause === "decided" ? "why this one" : "leads so far";
}

function whyNext(edge: MomentEdge, moment: Moment, view: View): string {
  if (moment.nextBecause === "person")
    return "A person asked for this cut. It is made when the tests in hand are done.";
  const ranked = bestFirst(moment.candidates).filter((c) => c.status === "done" && c.edge !== null);
  const mine = ranked.find((c) => c.edge === edge.id);
  const rival = ranked.find((c) => c.edge !== edge.id);
  if (moment.nextBecause === "decided") {
    const margin = decisionOf(view, moment.step + 1)?.margin;
    const ahead =
      margin !== null && margin !== undefined && rival?.edge
        ? `, ${margin.toFixed(4)} ahead of the next`
        : "";
    return `Without it the cell scores ${score(mine?.score)}, best of ${ranked.length}${ahead}.`;
  }
  const waiting = moment.candidates.filter((c) => c.status === "queued" || c.status === "running").length;
  const still = waiting > 0 ? ` ${plural(waiting, "test")} to go.` : "";
  const reaches = `${view.metric === "perplexity" ? "a perplexity of " : ""}${quality(mine?.quality, view.metric)}`;
  const most = view.metric === "perplexity" ? "the least" : "the most";
  return `Without it the cell reaches ${reaches}, ${most} of ${ranked.length} tested.${still}`;
}

function activeNote(edge: MomentEdge, moment: Moment, view: View, along: string): EdgeNote {
  const ranked = bestFirst(moment.candidates).filter((c) => c.status === "done" && c.edge !== null);
  const place = ranked.findIndex((c) => c.edge === edge.id);
  const mine = moment.candidates.find((c) => c.edge === edge.id);
  if (place >= 0) {
    const behind = gap(ranked[0], ranked[place], view);
    const text = behind === null ? "" : `Cutting it would cost ${behind} against the leader.`;
    return { head: `rank ${place + 1} of ${ranked.length}`, text: text + along };
  }
  if (moment.measuring && (mine?.status === "running" || mine?.status === "queued"))
    return { head: "to be measured", text: `Latency comes first: what is too slow is not trained.${along}` };
  if (mine?.status === "running")
    return { head: "being tested", text: `The cell without it is in training.${along}` };
  if (mine?.status === "queued")
    return { head: "to be tested", text: `Its test waits for its turn.${along}` };
  if (mine?.status === "error")
    return { head: "test failed", text: "The cell without it could not be trained." };
  const kept = ["Never tested", "Tested once", "Tested twice"][edge.tests];
  const text = kept ? `${kept}: too little to judge.` : `Kept through ${edge.tests} tests.`;
  return { head: moment.over ? "kept" : "not tested this step", text };
}

function gap(
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

function lockedBy(view: View, mine: (line: LogLine) => boolean): string {
  const said = by(lastSaid(view, "lock", mine));
  return said && `Locked${said}. `;
}

/** Where the search stands, in one line. */
export function progress(view: View, beside: Beside | null, moment: Moment): string {
  if (moment.over) return `${plural(view.step, "step")}, ${plural(view.candidate_count, "candidate")} tested`;
  if (beside?.waiting) return beside.waiting;
  const tests = moment.candidates.filter((c) => c.feasible);
  const done = tests.filter((c) => c.status === "done" || c.status === "error").length;
  if (!moment.head || tests.length === 0) return `Step ${view.step}`;
  if (moment.measuring) {
    const { done: measured, of } = moment.measuring;
    return `Step ${view.step}: measuring latency, ${measured} of ${of}`;
  }
  return `Step ${view.step}: ${done} of ${tests.length} tested`;
}
