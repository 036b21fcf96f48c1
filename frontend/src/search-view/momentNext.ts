// What is next at a moment: a cut that a person asked for, the candidate that leads, or the one that was chosen.
import type { Command } from "../api/types";
import { cutEdge } from "../live/edits";
import type { Step } from "../live/history";
import type { View } from "../live/view";
import { changesCell } from "./changeText";
import { isRanked, type MomentCandidate } from "./momentCandidates";

export type NextBecause = "person" | "leads" | "decided";

export interface Next {
  /** the edge that is cut next */
  readonly edge: string | null;
  readonly because: NextBecause | null;
  /** the id of the candidate that leads or was chosen, which need not be the cut of an edge */
  readonly first: number | null;
}

export const NOTHING_NEXT: Next = { edge: null, because: null, first: null };

/** What a past decision took. */
export function decidedNext({ edits, candidate }: Step): Next {
  return nextOf(cutEdge(edits), "decided", candidate);
}

/** A pending manual cut, else the leading candidate. Before the decision candidates are ranked by quality. */
export function openNext(
  view: View,
  pending: readonly Command[],
  candidates: readonly MomentCandidate[],
): Next {
  const locked = new Set(view.edges.filter((e) => e.locked).map((e) => e.id));
  // Pending commands are applied in order, before the search cuts.
  for (const { kind, edge, status } of pending) {
    if (status !== "pending" || edge === null) continue;
    if (kind === "lock") locked.add(edge);
    else if (kind === "unlock") locked.delete(edge);
    else if (kind === "remove" && !locked.has(edge))
      return { edge, because: "person", first: candidates.find((c) => c.edge === edge)?.id ?? null };
  }
  let best: MomentCandidate | null = null;
  for (const c of candidates) {
    if (c.status !== "done" || !isRanked(c) || !changesCell(c) || c.gone.some((e) => locked.has(e))) continue;
    if (best === null || c.rankValue > best.rankValue) best = c;
  }
  return best ? nextOf(best.edge, "leads", best.id) : NOTHING_NEXT;
}

/** The reason is that of the next cut, so there is none where the next cell is not a cut. */
function nextOf(edge: string | null, because: NextBecause, first: number | null): Next {
  return { edge, because: edge === null ? null : because, first };
}
