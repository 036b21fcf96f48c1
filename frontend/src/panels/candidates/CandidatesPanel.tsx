// This step's candidates, best first, or the finalists; after the end, the best steps of the search.
import clsx from "clsx";
import { useState } from "react";
import { OWN_WORKERS } from "../../api/devices";
import type { DagGraph } from "../../dag/graph";
import { formatInteger } from "../../format/numbers";
import { plural } from "../../format/text";
import type { Line } from "../../live/line";
import type { Telemetry } from "../../live/messages";
import type { View } from "../../live/view";
import { doneWord } from "../../search-view/candidateMetric";
import { testProgress } from "../../search-view/explanation";
import type { Moment } from "../../search-view/moment";
import {
  isRanked,
  type MomentCandidate,
  pointQuality,
  rankCandidates,
} from "../../search-view/momentCandidates";
import { describeRefused } from "../../search-view/refusedText";
import type { Selection } from "../selection/useViewState";
import { BestSteps } from "./BestSteps";
import { CandidateCard, lastEpoch, scaleOf, shareScale } from "./CandidateCard";
import { CandidateTable } from "./CandidateTable";
import styles from "./candidates.module.css";

interface CandidatesPanelProps {
  search: string;
  graph: DagGraph;
  view: View;
  line: Line;
  telemetry: Telemetry | null;
  moment: Moment;
  selection: Selection;
  go: (step: number) => void;
}

export function CandidatesPanel(props: CandidatesPanelProps) {
  const { graph, view, line, moment, go } = props;
  if (moment.isAnswer || (moment.over && moment.candidateCount === 0))
    return <BestSteps graph={graph} view={view} line={line} go={go} />;
  return <OpenCandidates {...props} />;
}

function OpenCandidates({ search, graph, view, telemetry, moment, selection }: CandidatesPanelProps) {
  const [open, setOpen] = useState<number | null>(null);
  const [all, setAll] = useState(false);
  const ranked = rankCandidates(moment.candidates);
  const [done, of] = testProgress(moment, telemetry);
  const hasShare = (c: MomentCandidate) => c.status === "done" && isRanked(c);
  const shares = shareScale(ranked.filter(hasShare).map((c) => c.rankValue));
  const scale = scaleOf(
    ranked.flatMap((c) => c.curve.map(pointQuality)),
    Math.max(1, ...ranked.map((c) => lastEpoch(c.curve))),
  );
  const refused = describeRefused(view.draws.step.refused);
  const more = moment.candidateCount - ranked.length;
  return (
    <section className="plate" aria-label={moment.finalists ? "Finalists" : "Candidates"}>
      <header>
        <h2>
          {moment.finalists
            ? "Finalists"
            : moment.measuring
              ? "Measuring latency"
              : `Candidates for step ${moment.step + 1}`}
        </h2>
        <span className="sub">
          {moment.measuring
            ? describeMeasuring(moment.measuring)
            : of === 0
              ? "none yet"
              : `${formatInteger(done)} of ${formatInteger(of)} ${moment.finalists ? "trained" : doneWord(view)}, best first`}
        </span>
        {more > 0 && (
          <button
            type="button"
            className="btn small quiet end"
            aria-expanded={all}
            onClick={() => setAll(!all)}
          >
            {all ? "Show cards" : `${formatInteger(more)} more`}
          </button>
        )}
      </header>
      {refused && <p className={clsx("sub", styles.draws)}>{refused}</p>}
      {all && more > 0 ? (
        <CandidateTable
          key={`${view.branch} ${view.candidates.first}`}
          search={search}
          view={view}
          moment={moment}
          newest={telemetry?.candidates ?? 0}
        />
      ) : (
        <ul className={styles.cands}>
          {ranked.map((c) => (
            <li key={c.id}>
              <CandidateCard
                search={search}
                view={view}
                graph={graph}
                moment={moment}
                candidate={c}
                selection={selection}
                scale={scale}
                share={hasShare(c) ? shares(c.rankValue) : null}
                open={c.id === open}
                onOpen={(on) => setOpen(on ? c.id : null)}
              />
            </li>
          ))}
        </ul>
      )}
    </section>
  );
}

function describeMeasuring({ done, of, device }: NonNullable<Moment["measuring"]>): string {
  return `on ${device ?? OWN_WORKERS}, ${done} of ${plural(of, "cell")}`;
}
