// What a search page shows: the newest moment, which after the end is the answer, an earlier one, or a branch that was left.
// An earlier moment is the view of the log up to there, so that all of them come from the same code.
import { useMemo, useRef } from "react";
import { branchOf, type Line, lineOf } from "../../live/line";
import { type Ending, endingOf, placeOf } from "../../live/past";
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
  /** of the search; null while it goes on, and in a branch that was left */
  ending: Ending | null;
}

interface ShownMoment {
  /** while it is loaded: what was shown before, if anything */
  shown: Shown | null;
  /** that is asked for; null: the newest */
  left: number | null;
  error: Error | null;
  again: () => void;
}

/** `newest`, `now`: the view and the moment of what is newest. */
export function useShown(
  search: string,
  { view, history, segment, gap }: LiveState,
  viewState: ViewState,
  newest: View,
  now: Moment,
): ShownMoment {
  const requested = viewState.branch;
  const left = requested !== null && view.seq > 0 && requested < view.branch;
  const branch = left ? requested : view.branch;
  const line = lineOf(history, branch);
  const unread =
    gap !== null &&
    (branchOf(history, branch) === undefined ||
      (typeof viewState.step === "number" && viewState.step < line.first));
  const ending = useMemo(() => endingOf(segment), [segment]);
  const place = placeOf(history, branch, viewState.step, ending);
  const past = usePast(search, segment, history, unread ? null : place.seq);
  const then = useMemo(
    () => past.view && momentOf(past.view, place.decision, null, place.left ? "left" : ending && "over"),
    [past.view, place.decision, place.left, ending],
  );
  const kept = useRef<Shown | null>(null);
  const isNewest = !left && place.seq === null;
  if (isNewest && !unread) kept.current = { view: newest, moment: now, line, left, ending };
  else if (past.view && then)
    kept.current = { view: past.view, moment: then, line, left, ending: left ? null : ending };
  else if (!isSameBranch(kept.current, branch, left)) kept.current = null;
  return { shown: kept.current, left: left ? branch : null, error: past.error, again: past.again };
}

/** Whether what was shown before may stay while another step of this branch is loaded. */
function isSameBranch(kept: Shown | null, branch: number, left: boolean): boolean {
  return kept !== null && kept.view.seq > 0 && kept.line.branch === branch && kept.left === left;
}
