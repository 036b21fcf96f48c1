// The edges and nodes of a moment: the state in which each is shown, and the command that waits for it.
import type { Command } from "../api/types";
import { canLeave, type EdgeState, widthOf } from "../dag/graph";
import type { Attrs } from "../live/events";
import type { View, ViewEdge, ViewNode } from "../live/view";
import type { MomentCandidate } from "./momentCandidates";

interface MomentPart {
  /** the step that removed it, if it is removed */
  cutAt: number | null;
  cause: ViewEdge["cause"];
  /** how a removal is called: the search cuts an edge, or replaces the cell by one without it */
  removal: "cut" | "removed";
  /** the command that applies when this step ends */
  pendingCommand: Command | null;
}

export interface MomentEdge extends MomentPart {
  id: string;
  source: number;
  target: number;
  state: EdgeState;
  tests: number;
  importance: number | null;
}

export interface MomentNode extends MomentPart {
  id: number;
  op: string;
  attrs: Attrs;
  width: number | null;
  removed: boolean;
  /** its output leaves the cell */
  leaf: boolean;
  locked: boolean;
}

/** What the parts of a moment have in common. */
interface About {
  /** the edge that is cut next */
  readonly next: string | null;
  readonly cuts: boolean;
  readonly pending: ReadonlyMap<string, Command>;
}

export function momentEdges(
  view: View,
  candidates: readonly MomentCandidate[],
  { next, cuts, pending }: About,
): MomentEdge[] {
  const infeasible = new Set(candidates.filter((c) => !c.feasible).map((c) => c.edge));
  const stateOf = ({ id, state, locked }: ViewEdge): EdgeState => {
    if (state === "removed") return "removed";
    if (id === next) return "next";
    if (locked) return "locked";
    return infeasible.has(id) ? "infeasible" : "active";
  };
  return view.edges.map((edge) => ({
    id: edge.id,
    source: edge.source,
    target: edge.target,
    state: stateOf(edge),
    tests: edge.tests,
    importance: edge.importance,
    cutAt: edge.step,
    cause: edge.cause,
    removal: removalWord(edge, cuts),
    pendingCommand: pending.get(edge.id) ?? null,
  }));
}

export function momentNodes(view: View, { cuts, pending }: About): MomentNode[] {
  const active = view.edges.filter(({ state }) => state === "active");
  const feeds = new Set(active.map((edge) => edge.source));
  return view.nodes.map((node) => {
    const { id, op, attrs, state, locked, step, cause } = node;
    return {
      id,
      op,
      attrs,
      width: widthOf(attrs),
      removed: state === "removed",
      leaf: state === "active" && canLeave(op) && !feeds.has(id),
      locked,
      cutAt: step,
      cause,
      removal: removalWord(node, cuts),
      pendingCommand: pending.get(String(id)) ?? null,
    };
  });
}

/** The pending commands by edge or node; of several the last. */
export function pendingByTarget(commands: readonly Command[]): Map<string, Command> {
  const pending = new Map<string, Command>();
  for (const command of commands) {
    const target = command.edge ?? (command.node === null ? null : String(command.node));
    if (command.status === "pending" && target !== null) pending.set(target, command);
  }
  return pending;
}

function removalWord({ cause }: ViewEdge | ViewNode, cuts: boolean): "cut" | "removed" {
  return cuts || cause === "person" || cause === "collapse" ? "cut" : "removed";
}
