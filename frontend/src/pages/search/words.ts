// What the page says about an edge, a search and its events, in sentences.
import { STATE_WORDS } from "../../dag/graph";
import { plural } from "../../format";
import type { LogLine, View } from "../../live/events";
import type { Beside, SearchStatus } from "../../live/messages";
import { edgeName, percent, score, signed } from "../../units";
import { bestFirst, type Moment, type MomentEdge } from "./moment";

export const STATUS_WORDS: Record<SearchStatus, string> = {
  queued: "Queued",
  running: "Running",
  paused: "Paused",
  stopping: "Stopping",
  finished: "Finished",
  stopped: "Stopped",
  cancelled: "Cancelled",
  failed: "Failed",
};

export function fitness(value: number | null): string {
  return value === null ? "none yet" : signed(value * 100, (size) => `${size.toFixed(2)} pt`);
}

/** One edge for whoever cannot see it. */
export function edgeSentence(edge: MomentEdge): string {
  const ends = `Edge ${edge.source} to ${edge.target}`;
  if (edge.state === "removed") return `${ends}, cut${edge.cutAt === null ? "" : ` at step ${edge.cutAt}`}`;
  const tested = edge.tests === 0 ? "not tested yet" : `tested ${plural(edge.tests, "time")}`;
  return `${ends}, ${STATE_WORDS[edge.state]}, ${tested}`;
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
      return { head: edge.cutAt === null ? "cut" : `cut at step ${edge.cutAt}`, text: whyGone(edge, view) };
    case "locked":
      return { head: "locked", text: `${lockedBy(edge.id, view)}The search may neither test nor cut it.` };
    case "infeasible":
      return {
        head: "infeasible",
        text: `Not tested: ${candidate?.whyNot ?? "it would break a limit"}. You can still force it.`,
      };
    case "next":
      return { head: nextHead(moment), text: whyNext(edge, moment, view) + along };
    case "active":
      return activeNote(edge, moment, along);
  }
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
    const margin = view.history[moment.step]?.margin;
    const ahead =
      margin !== null && margin !== undefined && rival?.edge
        ? `, ${margin.toFixed(4)} ahead of the next`
        : "";
    return `Without it the cell scores ${score(mine?.score)}, best of ${ranked.length}${ahead}.`;
  }
  const waiting = moment.candidates.filter((c) => c.status === "queued" || c.status === "running").length;
  const still = waiting > 0 ? ` ${plural(waiting, "test")} to go.` : "";
  return `Without it the cell reaches ${percent(mine?.quality)}, the most of ${ranked.length} tested.${still}`;
}

function activeNote(edge: MomentEdge, moment: Moment, along: string): EdgeNote {
  const ranked = bestFirst(moment.candidates).filter((c) => c.status === "done" && c.edge !== null);
  const place = ranked.findIndex((c) => c.edge === edge.id);
  const mine = moment.candidates.find((c) => c.edge === edge.id);
  if (place >= 0) {
    const behind = gap(ranked[0], ranked[place]);
    const text = behind === null ? "" : `Cutting it would cost ${behind} points against the leader.`;
    return { head: `rank ${place + 1} of ${ranked.length}`, text: text + along };
  }
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
): string | null {
  const [x, y] = a?.score !== null && b?.score !== null ? [a?.score, b?.score] : [a?.quality, b?.quality];
  return x === null || x === undefined || y === null || y === undefined ? null : ((x - y) * 100).toFixed(2);
}

function whyGone(edge: MomentEdge, view: View): string {
  if (edge.cause === "person") {
    const line = view.log.findLast(
      (l) => l.kind === "command_applied" && l.command === "remove" && l.edge === edge.id,
    );
    return `Cut by hand${line?.by ? ` by ${line.by}` : ""}${line?.reason ? `: “${line.reason}”` : ""}.`;
  }
  const decided = view.history.find((s) => s.step === edge.cutAt);
  if (edge.cause === "collapse") {
    return decided
      ? `Went with ${edgeName(decided.edge)}: nothing reached it any more.`
      : "Nothing reached it any more.";
  }
  if (!decided) return "Cut by the search.";
  const tested = decided.tested.filter((t) => t.score !== null && t.edge !== null).length;
  return `Best of ${tested} tested, score ${score(decided.score)}.`;
}

function lockedBy(edge: string, view: View): string {
  const line = view.log.findLast(
    (l) => l.kind === "command_applied" && l.command === "lock" && l.edge === edge,
  );
  if (!line?.by) return "";
  return `Locked by ${line.by}${line.reason ? `: “${line.reason}”` : ""}. `;
}

/** Where the search stands, in one line. */
export function progress(view: View, beside: Beside | null, moment: Moment): string {
  if (moment.over) return `${plural(view.step, "step")}, ${plural(view.candidate_count, "candidate")} tested`;
  if (beside?.waiting) return beside.waiting;
  const tests = moment.candidates.filter((c) => c.feasible);
  const done = tests.filter((c) => c.status === "done" || c.status === "error").length;
  if (!moment.head || tests.length === 0) return `Step ${view.step}`;
  return `Step ${view.step}: ${done} of ${tests.length} tested`;
}

export interface EventWords {
  icon: "cut" | "hand" | "lock" | "refused" | "fall" | "start" | "end" | "waiting";
  who: string | null;
  what: string;
  why: string;
}

/** One line of the log; null for one that another line says already. */
export function eventWords(line: LogLine, before: LogLine | undefined): EventWords | null {
  const edge = line.edge ? edgeName(line.edge) : "";
  switch (line.kind) {
    case "search_started":
      return { icon: "start", who: null, what: "Search started", why: "" };
    case "step_decided": {
      const gain =
        before?.score !== null && before !== undefined && line.score !== null
          ? line.score - (before.score ?? 0)
          : null;
      return {
        icon: "cut",
        who: null,
        what: `${edge} cut`,
        why: `score ${score(line.score)}${gain === null ? "" : `, ${signed(gain, (v) => v.toFixed(4))}`}`,
      };
    }
    case "edge_removed":
      if (line.cause !== "collapse") return null;
      return { icon: "fall", who: null, what: `${edge} gone`, why: "nothing reached it any more" };
    case "edge_added":
      return { icon: "start", who: null, what: `${edge} added`, why: "" };
    case "command_applied":
      return { ...commandWords(line.command, edge), who: line.by, why: quoted(line.reason) };
    case "command_refused":
      return {
        icon: "refused",
        who: line.by,
        what: `${asked(line.command, edge)}. Refused`,
        why: line.why ?? "",
      };
    case "search_finished":
      return { icon: "end", who: null, what: "Search ended", why: line.why ?? "" };
    default:
      return null;
  }
}

/** A command that was asked for and has not been applied, in the words of the buttons. */
export function asked(kind: string | null, edge: string): string {
  return `asked to ${kind === "remove" ? "cut" : (kind ?? "steer")} ${edge || "the search"}`;
}

function commandWords(kind: LogLine["command"], edge: string): Pick<EventWords, "icon" | "what"> {
  switch (kind) {
    case "lock":
      return { icon: "lock", what: `locked ${edge}` };
    case "unlock":
      return { icon: "lock", what: `unlocked ${edge}` };
    case "remove":
      return { icon: "hand", what: `cut ${edge} by hand` };
    case "stop":
      return { icon: "hand", what: "stopped the search" };
    case "cancel":
      return { icon: "hand", what: "cancelled the search" };
    default:
      return { icon: "hand", what: `${kind ?? "steer"}d the search` };
  }
}

export function quoted(reason: string | null): string {
  return reason ? `“${reason}”` : "";
}
