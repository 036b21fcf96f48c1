// What every panel of a family gets from the frame of a search page.
import type { CandidatePoint } from "../../live/candidatePoints";
import type { Line } from "../../live/line";
import type { ReadingState } from "../../live/useCandidatePoints";
import type { View } from "../../live/view";
import type { Moment } from "../../search-view/moment";
import type { Selection } from "./useViewState";

export interface PanelProps {
  view: View;
  line: Line;
  moment: Moment;
  selection: Selection;
  /** the candidates that were measured by this moment, oldest first */
  points: readonly CandidatePoint[];
  reading: ReadingState;
}
