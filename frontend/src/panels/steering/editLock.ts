// Whether the graph and its limits can be edited now, as props of the buttons that do it.
import type { ReadOnlyProps } from "../../api/currentUser";
import type { Moment } from "../../search-view/moment";
import type { Steering } from "./useSteering";

/** As the server refuses it. */
export const FINALISTS_TRAIN =
  "The search has chosen its finalists and trains them. Fork it from an earlier step to change it.";

/** Null if edits are possible. */
export function editLock(
  { answering }: Pick<Moment, "answering">,
  { readOnly }: Pick<Steering, "readOnly">,
): ReadOnlyProps | null {
  return readOnly ?? (answering ? { disabled: true, title: FINALISTS_TRAIN } : null);
}
