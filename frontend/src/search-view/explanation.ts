// Explanations of edges and nodes, and the progress of a search, as text.

import type { Command } from "../api/types";
import { blockOf, describeBlock, isBlock, nodeName, shortOperation } from "../dag/chain/blocks";
import { opName, STATE_WORDS } from "../dag/graph";
import { metricTitle } from "../format/metrics";
import {
  formatFixed,
  formatQuality,
  formatScore,
  formatScoreGap,
  formatSigned,
  type QualityMetric,
} from "../format/numbers";
import { capitalise, plural } from "../format/text";
import type { PastCommand } from "../live/history";
import type { Line } from "../live/line";
import type { SearchStatus, Telemetry } from "../live/messages";
import type { View } from "../live/view";
import { countFinalists } from "./answer";
import { doneWord } from "./candidateMetric";
import { changesCell } from "./changeText";
import { commandVerb } from "./commandText";
import type { Moment } from "./moment";
import { countTested, rankCandidates } from "./momentCandidates";
import type { MomentEdge, MomentNode } from "./momentParts";
import {
  attribution,
  describeCutTime,
  describeStanding,
  explainEdgeRemoval,
  explainNodeRemoval,
  lastCommand,
} from "./removal";

export const STATUS_WORDS: Record<SearchStatus, string> = {
  queued: "Queued",
  running: "Running",
  paused: "Paused",
  finished: "Finished",
  stopped: "Stopped",
  cancelled: "Cancelled",
  failed: "Failed",
};

export function formatImportance(value: number | null, metric: QualityMetric): string {
  return value === null ? "not tested yet" : formatSigned(value, (size) => formatScoreGap(size, metric));
}

/** The label of an edge for screen readers. */
export function edgeLabel(edge: MomentEdge, moment: Pick<Moment, "candidates" | "cuts">): string {
  const ends = `Edge ${edge.source} to ${edge.target}`;
  const waits = pendingSuffix(edge.pendingCommand);
  if (edge.state === "removed") return `${ends}, ${describeCutTime(edge)}${waits}`;
  const tests = testCount(edge, moment);
  const untested = moment.cuts ? ", not tested yet" : "";
  const tested = tests === 0 ? untested : `, tested ${plural(tests, "time")}`;
  return `${ends}, ${STATE_WORDS[edge.state]}${tested}${waits}`;
}

/** Whether the open round has tested the edge and the log does not say so yet: then its importance follows. */
export function isTestedNow({ id }: MomentEdge, { candidates }: Pick<Moment, "candidates">): boolean {
  return candidates.some(({ edge, status, score }) => edge === id && status === "done" && score === null);
}

/** How often an edge was tested, the open round included. */
export function testCount(edge: MomentEdge, moment: Pick<Moment, "candidates">): number {
  return edge.tests + (isTestedNow(edge, moment) ? 1 : 0);
}

/** The label of a node for screen readers. */
export function nodeLabel(node: MomentNode): string {
  const state = node.removed ? describeCutTime(node) : node.locked ? "locked" : "active";
  const width = node.width === null ? "" : `, width ${node.width}`;
  const operation = isBlock(node) ? describeBlock(node) : `${opName(node.op)}${width}`;
  return `${nodeName(node)}, ${operation}, ${state}${pendingSuffix(node.pendingCommand)}`;
}

function pendingSuffix(command: Command | null): string {
  return command ? `, ${command.by} asked to ${commandVerb(command.kind)} it` : "";
}

export interface Explanation {
  head: string;
  text: string;
}

/** Why an edge is in its state. */
export function explainEdge(edge: MomentEdge, moment: Moment, view: View, line: Line): Explanation {
  const candidate = moment.candidates.find((c) => c.edge === edge.id);
  const lost = (candidate?.gone.length ?? 1) - 1;
  const along = lost > 0 ? ` This also removes ${plural(lost, "edge")} that would have no input.` : "";
  switch (edge.state) {
    case "removed":
      return { head: describeCutTime(edge), text: explainEdgeRemoval(edge, line) };
    case "locked":
      return {
        head: "locked",
        text: `${describeLock(line, (command) => command.edge === edge.id)}${moment.cuts ? "The search does not test or cut this edge." : "The search keeps this edge."}`,
      };
    case "infeasible":
      return {
        head: "not allowed",
        text: `Not tested: ${candidate?.whyNot ?? "this cut would exceed a limit"}. You can still force this cut.`,
      };
    case "next":
      return { head: nextHeading(moment), text: explainNext(edge, moment, view) + along };
    case "active":
      return explainActive(edge, moment, view, along);
  }
}

/** The role of a node, and why it is in its state. */
export function explainNode(node: MomentNode, moment: Moment, line: Line): Explanation {
  const touching = moment.edges.filter((e) => e.source === node.id || e.target === node.id);
  if (node.removed) return { head: describeCutTime(node), text: explainNodeRemoval(node, line) };
  const count = (end: "source" | "target") =>
    touching.filter((e) => e.state !== "removed" && e[end] === node.id).length;
  const ways = isBlock(node)
    ? `${capitalise(describeBlock(node))}.`
    : node.op === "input"
      ? `Input of the cell, with ${plural(count("source"), "outgoing edge")}.`
      : `${plural(count("target"), "incoming edge")}, ${count("source")} outgoing.${node.leaf ? " Its output leaves the cell." : ""}`;
  if (!node.locked)
    return { head: isBlock(node) ? shortOperation(blockOf(node)) : opName(node.op), text: ways };
  const who = describeLock(line, (command) => command.node === node.id);
  const kept = isBlock(node) ? "change this block" : "remove this node";
  return { head: "locked", text: `${who}The search does not ${kept}. ${ways}` };
}

function nextHeading(moment: Moment): string {
  if (moment.nextBecause === "person") return "cut requested";
  return moment.nextBecause === "decided" ? "why this cut" : "best in this step";
}

function explainNext(edge: MomentEdge, moment: Moment, view: View): string {
  if (moment.nextBecause === "person")
    return `${edge.pendingCommand?.by ?? "Someone"} asked for this cut. It applies when this step ends.`;
  const ranked = rankCandidates(moment.candidates).filter((c) => c.status === "done" && changesCell(c));
  const own = ranked.find((c) => c.edge === edge.id);
  const rival = ranked.find((c) => c.edge !== edge.id);
  if (moment.nextBecause === "decided") {
    const margin = rival ? (moment.decision?.margin ?? null) : null;
    const overruled = ranked[0]?.edge !== edge.id && (margin ?? 0) >= 0; // by a lock that came while the round ran
    const best = `the best of ${ranked.length}${overruled ? " that could be cut" : ""}`;
    return `Score without this edge: ${formatScore(own?.score)}, ${describeStanding({ margin }, best)}.`;
  }
  const waiting = moment.candidates.filter((c) => c.status === "queued" || c.status === "running").length;
  const still = waiting > 0 ? ` ${plural(waiting, "test")} left.` : "";
  // A better candidate whose edge is locked does not count.
  const best = ranked[0]?.edge === edge.id ? "the best" : "the best that is not locked,";
  return `${metricTitle(view.metric)} without this edge: ${formatQuality(own?.quality, view.metric)}, ${best} of ${ranked.length} ${doneWord(view)}.${still}`;
}

function explainActive(edge: MomentEdge, moment: Moment, view: View, along: string): Explanation {
  const ranked = rankCandidates(moment.candidates).filter((c) => c.status === "done" && changesCell(c));
  const place = ranked.findIndex((c) => c.edge === edge.id);
  const own = moment.candidates.find((c) => c.edge === edge.id);
  if (place >= 0) {
    if (place === 0 && moment.nextBecause === "decided")
      return {
        head: `rank 1 of ${ranked.length}`,
        text: `Without this edge the score is best. The cut that was made is within its noise, and cheaper.${along}`,
      };
    const behind = describeGap(ranked[0], ranked[place], view);
    const text = behind === null ? "" : `Without this edge: ${behind} the best candidate.`;
    return { head: `rank ${place + 1} of ${ranked.length}`, text: text + along };
  }
  if (moment.measuring && (own?.status === "running" || own?.status === "queued"))
    return {
      head: "latency not measured",
      text: `Latency is measured first. Candidates that are too slow are not tested.${along}`,
    };
  if (own?.status === "running")
    return {
      head: "being tested",
      text: `The cell without this edge is ${view.metric === "proxy" ? "being scored" : "training"}.${along}`,
    };
  if (own?.status === "queued")
    return { head: "queued", text: `The test of this edge has not started.${along}` };
  if (own?.status === "error")
    return {
      head: "test failed",
      text: `The cell without this edge could not be ${view.metric === "proxy" ? "scored" : "trained"}.`,
    };
  if (!moment.cuts && edge.tests === 0)
    return { head: "active", text: "This strategy compares whole cells and tests no single edge." };
  const few = [
    "Not tested yet.",
    "Tested once: too few tests to judge.",
    "Tested twice: too few tests to judge.",
  ];
  const text = few[edge.tests] ?? `Tested ${plural(edge.tests, "time")} and kept.`;
  return { head: moment.over || moment.answering ? "kept" : "not in this step", text };
}

function describeGap(
  a: { score: number | null; quality: number | null } | undefined,
  b: { score: number | null; quality: number | null } | undefined,
  { metric }: View,
): string | null {
  const scored = a?.score !== null && b?.score !== null;
  const [x, y] = scored ? [a?.score, b?.score] : [a?.quality, b?.quality];
  if (x === null || x === undefined || y === null || y === undefined) return null;
  if (metric === "perplexity" && !scored) return `perplexity ${formatQuality(y - x, metric)} higher than`;
  if (metric !== "accuracy") return `score ${formatScore(x - y)} lower than`;
  return `${formatFixed((x - y) * 100, 2)} points worse than`;
}

function describeLock(line: Line, own: (command: PastCommand) => boolean): string {
  const lock = attribution(lastCommand(line, "lock", own));
  return lock && `Locked${lock}. `;
}

/** The progress of the search in one line. */
export function describeProgress(view: View, telemetry: Telemetry | null, moment: Moment): string {
  if (moment.over)
    return `${plural(view.step, "step")}, ${plural(view.trained, "candidate")} ${doneWord(view)}`;
  if (telemetry?.waiting) return telemetry.waiting;
  const [done, of] = testProgress(moment, telemetry);
  if (moment.answering) return `Training ${countFinalists(moment)}: ${done} of ${of} trained`;
  const next = `Step ${view.step + 1}`;
  if (!moment.head || of === 0) return next;
  if (moment.measuring) {
    const { done: measured, of: all } = moment.measuring;
    return `${next}: measuring latency, ${measured} of ${all}`;
  }
  return `${next}: ${done} of ${of} ${doneWord(view)}`;
}

/** How many of the candidates that are tested are done. */
export function testProgress(
  { candidates, candidateCount, feasibleCount, measuredCount }: Moment,
  telemetry: Telemetry | null,
): [done: number, of: number] {
  // Work in progress is known of each candidate that is shown.
  if (candidateCount <= candidates.length) return [countTested(candidates), feasibleCount];
  if (!telemetry || measuredCount > 0) return [measuredCount, feasibleCount];
  // Of more candidates than the log shows, the items of the round are counted; all but the last are about as many.
  const { queued, running, done } = telemetry.counts;
  const most = Math.max(1, ...telemetry.work.map(({ about }) => about.length));
  return [Math.max(0, Math.min(done * most, feasibleCount - queued - running)), feasibleCount];
}
