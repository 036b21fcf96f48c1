// After the end of a search: its best steps.
import clsx from "clsx";
import { isChain } from "../../dag/chain/blocks";
import type { DagGraph } from "../../dag/graph";
import { CellThumbnail } from "../../dag/Thumbnail";
import { formatScore } from "../../format/numbers";
import { cutEdge, editedIds } from "../../live/edits";
import type { Step } from "../../live/history";
import { decidedCell, type Line } from "../../live/line";
import { decidedNodes } from "../../live/lineNodes";
import type { View } from "../../live/view";
import { answerStep } from "../../search-view/answer";
import { hasRelativeScores, RELATIVE_SCORES } from "../../search-view/candidateMetric";
import { changeName, changeOfStep, changesCell } from "../../search-view/changeText";
import { graphOfNodes } from "../../search-view/moment";
import { Term } from "../../ui/Term";
import { Bar, shareScale } from "./CandidateCard";
import styles from "./candidates.module.css";
import { compareSteps } from "./stepOrder";

interface BestStepsProps {
  graph: DagGraph;
  view: View;
  line: Line;
  go: (step: number) => void;
}

const SHOWN = 10;

export function BestSteps({ graph, view, line, go }: BestStepsProps) {
  // A step that changed nothing shows the same cell as the one before.
  const best = line.steps
    .filter((step) => changesCell(step))
    .sort(compareSteps)
    .slice(0, SHOWN);
  const shares = shareScale(best.map((s) => s.score));
  const answer = answerStep(view, line);
  return (
    <section className="plate" aria-label="Best steps">
      <header>
        <h2>Best steps</h2>
        <span className="sub">
          by <Term name="score">score</Term> when decided; ✓ fits all limits
          {hasRelativeScores(view.task) && `. ${RELATIVE_SCORES}`}
        </span>
      </header>
      {best.length === 0 && <p className="q">The search ended before its first step was decided.</p>}
      <ul className={styles.cands}>
        {best.map((step) => (
          <li key={step.step}>
            <button
              type="button"
              className={clsx(styles.cand, step.step === answer && styles.best)}
              onClick={() => go(step.step)}
            >
              <StepThumbnail graph={graph} line={line} step={step} />
              <span className={clsx(styles.r, styles.stacked)}>
                <b>
                  Step {step.step}
                  {step.fits && (
                    <>
                      {" "}
                      <span aria-hidden="true">✓</span>
                      <span className="sr">fits all limits, score</span>
                    </>
                  )}
                </b>
                <span className={clsx("q", styles.value)}>{formatScore(step.score)}</span>
              </span>
              {cutEdge(step.edits) === null && (
                <span className={styles.below}>{changeName(changeOfStep(line, step))}</span>
              )}
              {step.step === answer && <span className={styles.below}>cell of the answer</span>}
              <Bar share={shares(step.score)} />
            </button>
          </li>
        ))}
      </ul>
    </section>
  );
}

/** The cell that a step decided, with what it changed in a chain. */
function StepThumbnail({
  graph,
  line,
  step: { step, edits },
}: Pick<BestStepsProps, "graph" | "line"> & { step: Step }) {
  const size = { width: 84, height: 44, fluid: true };
  if (!isChain(graph.nodes)) return <CellThumbnail graph={graph} live={decidedCell(line, step)} {...size} />;
  return <CellThumbnail graph={graphOfNodes(decidedNodes(line, step))} marked={editedIds(edits)} {...size} />;
}
