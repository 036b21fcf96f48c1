// What a search page shows: the newest moment, an earlier step, or a branch that was left. An earlier moment is the view
// of the log up to there, so that all of them come from the same code.
import { useMemo, useRef } from "react";
import { branchOf, type Line, lineOf } from "../../live/line";
import { placeOf } from "../../live/past";
import type { LiveState } from "../../live/store";
import { usePast } from "../../live/usePast";
import type { View } from "../../live/view";
import type { ViewState } from "../../panels/selection/useViewState";
import { type Moment, momentOf } from "../../search-view/moment";

export interface Shown {
  view: View;
  moment: Moment;
  line: Line;
  /** of a branch that was left */
  left: boolean;
}

interface ShownMoment {
  /** while it is loaded: what was shown before, if anything */
  shown: Shown | null;
  /** that is asked for; null: the newest */
  left: number | null;
  error: Error | null;
  again: () => void;
}

/** `now`: the newest moment. */
export function useShown(search: string, live: LiveState, viewState: ViewState, now: Moment): ShownMoment {
  const { view, history, segment, gap } = live;
  const requested = viewState.branch;
  const left = requested !== null && view.seq > 0 && requested < view.branch;
  const branch = left ? requested : view.branch;
  const line = lineOf(history, branch);
  const unread =
    gap !== null &&
    (branchOf(history, branch) === undefined || (viewState.step !== null && viewState.step < line.first));
  const place = placeOf(history, branch, viewState.step);
  const past = usePast(search, segment, history, unread ? null : place.seq);
  const then = useMemo(
    () => past.view && momentOf(past.view, place.decision, null, place.left),
    [past.view, place.decision, place.left],
  );
  const kept = useRef<Shown | null>(null);
  const newest = !left && place.seq === null;
  if (newest && !unread) kept.current = { view, moment: now, line, left };
  else if (past.view && then) kept.current = { view: past.view, moment: then, line, left };
  else if (!isSameBranch(kept.current, branch, left)) kept.current = null;
  return { shown: kept.current, left: left ? branch : null, error: past.error, again: past.again };
}

/** Whether what was shown before may stay while another step of this branch is loaded. */
function isSameBranch(kept: Shown | null, branch: number, left: boolean): boolean {
  return kept !== null && kept.view.seq > 0 && kept.line.branch === branch && kept.left === left;
}
