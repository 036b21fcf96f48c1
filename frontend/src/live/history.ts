// The history of a search: its branches, and in each the steps, edits by hand and commands. A second fold of the log, over
// the few kinds that say what happened, so that the history of a long search is small.
import type { Edits, EventKind, NodeRow, Parent, SearchEvent, Snapshot, StepDecided } from "./events";
import type { CommandKind } from "./view";

/** The kinds that are folded; a page that began later reads earlier events of these. */
export const HISTORY_KINDS = [
  "search_started",
  "branch_opened",
  "step_decided",
  "graph_edited",
  "command_applied",
  "command_refused",
  "search_finished",
] as const satisfies readonly EventKind[];
const kinds: ReadonlySet<EventKind> = new Set(HISTORY_KINDS);

/** Where in the log an entry stands. */
interface Entry {
  readonly seq: number;
  readonly round: number;
}

export interface Step extends StepDecided, Entry {}

/** A change of the graph by a person, between two steps. */
export interface HandEdit extends Entry {
  /** decisions made before it */
  readonly step: number;
  readonly edits: Edits;
}

export interface PastCommand extends Entry {
  /** decisions made before it */
  readonly step: number;
  readonly kind: CommandKind;
  readonly refused: boolean;
  readonly edge: string | null;
  readonly node: number | null;
  readonly by: string;
  readonly reason: string;
}

export interface Branch {
  readonly branch: number;
  /** null: it is the first */
  readonly parent: Parent | null;
  /** number of the event that opened it */
  readonly seq: number;
  /** number of its last event, if it was left; null: it goes on */
  readonly end: number | null;
  readonly by: string | null;
  readonly reason: string;
  /** decisions made when it opened */
  readonly first: number;
  /** active edges when it opened */
  readonly start: readonly string[];
  /** nodes when it opened */
  readonly nodes: readonly NodeRow[];
  /** its own steps, from `first` + 1 */
  readonly steps: readonly Step[];
  readonly edited: readonly HandEdit[];
  readonly commands: readonly PastCommand[];
}

export interface History {
  readonly seq: number;
  /** oldest first; the last one goes on */
  readonly branches: readonly Branch[];
}

export function emptyHistory(): History {
  return { seq: 0, branches: [] };
}

/** Whether an event belongs to the history. */
export function isHistoric({ kind }: SearchEvent): boolean {
  return kinds.has(kind) || kind === "snapshot";
}

/** The history after one event. An event that was already applied changes nothing. */
export function recall(history: History, event: SearchEvent): History {
  if (event.seq <= history.seq) return history;
  const live = history.branches[history.branches.length - 1];
  const left =
    live && event.branch > live.branch
      ? { ...history, branches: replaced(history, { ...live, end: live.end ?? event.seq - 1 }) }
      : history;
  return { ...left, seq: event.seq, ...change(left, event) };
}

function change(history: History, event: SearchEvent): Partial<History> {
  const { seq, round, branch } = event;
  const live = history.branches.find((each) => each.branch === branch);
  switch (event.kind) {
    case "search_started": {
      const { nodes, edges } = event.payload.graph;
      const start = edges.map(([source, target]) => `${source}-${target}`);
      const opening = { parent: null, by: null, reason: "", first: 0, start, nodes };
      return { branches: [opened(seq, branch, opening)] };
    }
    // A page that begins at a snapshot knows the branch from there, until it has read what was before.
    case "snapshot":
      return history.branches.length > 0 ? {} : openBranch(history, event, event.payload, null, "", null);
    case "branch_opened": {
      const { snapshot, by, reason, parent } = event.payload;
      return openBranch(history, event, snapshot, by, reason, parent);
    }
    case "step_decided":
      if (!live) return {};
      return {
        branches: replaced(history, {
          ...live,
          steps: [...live.steps, { ...event.payload, seq, round }],
        }),
      };
    case "graph_edited": {
      // What the search changes is in its step.
      if (event.payload.cause === "search" || !live) return {};
      const { edits, step } = event.payload;
      return {
        branches: replaced(history, {
          ...live,
          edited: [...live.edited, { seq, round, step, edits }],
        }),
      };
    }
    case "command_applied":
    case "command_refused": {
      if (!live) return {};
      const { kind, edge, node, by, reason } = event.payload;
      const refused = event.kind === "command_refused";
      const step = lastStep(live);
      const command = { seq, round, step, kind, refused, edge, node, by, reason };
      return { branches: replaced(history, { ...live, commands: [...live.commands, command] }) };
    }
    default:
      return {};
  }
}

/** Decisions made in a branch and before it opened. */
export function lastStep({ first, steps }: Branch): number {
  return first + steps.length;
}

type Opening = Pick<Branch, "parent" | "by" | "reason" | "first" | "start" | "nodes">;

function openBranch(
  history: History,
  { seq, branch }: SearchEvent,
  snapshot: Snapshot,
  by: string | null,
  reason: string,
  parent: Parent | null,
): Partial<History> {
  const gone = new Set(snapshot.removed.map(({ id }) => id));
  const all = snapshot.graph.edges.map(([source, target]) => `${source}-${target}`);
  const start = all.filter((id) => !gone.has(id));
  const goneNodes = new Set(snapshot.removed_nodes.map(({ id }) => id));
  const nodes = snapshot.graph.nodes.filter(([id]) => !goneNodes.has(id));
  const opening = { parent, by, reason, first: snapshot.step, start, nodes };
  // The log of a fork begins with search_started in the branch that it then opens.
  const own = history.branches.find((each) => each.branch === branch);
  const others = history.branches.filter((each) => each !== own);
  return { branches: [...others, opened(seq, branch, opening)] };
}

function opened(seq: number, branch: number, opening: Opening): Branch {
  return { ...opening, branch, seq, end: null, steps: [], edited: [], commands: [] };
}

function replaced({ branches }: History, branch: Branch): Branch[] {
  return branches.map((each) => (each.branch === branch.branch ? branch : each));
}
