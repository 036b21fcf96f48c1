// This step's candidates as thumbnails with training curve and score, or the finalists; after the end, the best steps of
// the search. Candidates are sorted best first.
import { Term } from "../../ui/Term";
import "./candidates.css";
import type { CSSProperties } from "react";
import { OWN_WORKERS } from "../../api/devices";
import { scoreColor } from "../../charts/axis";
import { Spark } from "../../charts/Spark";
import type { DagGraph } from "../../dag/graph";
import { CellThumbnail } from "../../dag/Thumbnail";
import { LIMITS, limitedValue } from "../../format/costs";
import { formatLatency, formatQuality, formatScore } from "../../format/numbers";
import { plural } from "../../format/text";
import type { View, ViewStep } from "../../live/events";
import { answerStep } from "../../search-view/answer";
import { changeName, NO_CHANGE } from "../../search-view/changeText";
import { describeLatency } from "../../search-view/latencyText";
import {
  exceededLimits,
  type Moment,
  type MomentCandidate,
  pointQuality,
  rankCandidates,
} from "../../search-view/moment";
import { describeRefused } from "../../search-view/refusedText";
import { activeEdgesAt } from "../../search-view/replay";
import type { Selection } from "../selection/useViewState";

interface CandidatesPanelProps {
  graph: DagGraph;
  view: View;
  moment: Moment;
  selection: Selection;
  go: (step: number) => void;
}

const SHOWN = 20;

export function CandidatesPanel({ graph, view, moment, selection, go }: CandidatesPanelProps) {
  if (moment.over && moment.head) return <BestSteps graph={graph} view={view} go={go} />;
  const ranked = rankCandidates(moment.candidates).slice(0, SHOWN);
  const tests = moment.candidates.filter((c) => c.feasible);
  const done = tests.filter((c) => c.status === "done" || c.status === "error").length;
  const shares = shareScale(ranked.filter((c) => c.status === "done").map((c) => c.rankValue));
  const reached = moment.candidates.flatMap((c) => c.curve.map(pointQuality));
  const [low, high] = [Math.min(...reached), Math.max(...reached)];
  const refused = moment.head ? describeRefused(view.refused) : "";
  const epochs = Math.max(1, ...moment.candidates.map((c) => c.curve.length));
  return (
    <section className="plate" aria-label={moment.answering ? "Finalists" : "Candidates"}>
      <header>
        <h2>
          {moment.answering
            ? "Finalists"
            : moment.measuring
              ? "Measuring latency"
              : `Candidates at step ${moment.step}`}
        </h2>
        <span className="sub">
          {moment.measuring
            ? describeMeasuring(moment.measuring)
            : tests.length === 0
              ? "none yet"
              : `${done} of ${tests.length} ${moment.answering ? "trained" : "tested"}, best first`}
        </span>
      </header>
      {refused && <p className="sub draws">{refused}</p>}
      <ul className="cands">
        {ranked.map((c) => (
          <li key={c.index}>
            <button
              type="button"
              className={`cand is-${c.status}${c.index === moment.first ? " first" : ""}`}
              aria-pressed={c.edge === null ? undefined : c.edge === selection.chosen}
              data-on={c.edge !== null && c.edge === selection.focused}
              title={c.whyNot ?? (c.latency ? describeLatency(c.latency) : undefined)}
              onClick={() => selection.pick(c.edge === selection.chosen ? null : c.edge)}
              onPointerEnter={(event) => event.pointerType === "mouse" && selection.hover(c.edge)}
              onPointerLeave={() => selection.hover(null)}
            >
              {/* The log has no graph of a candidate that is not a cut of the current cell. */}
              {c.label === null && (
                <CellThumbnail
                  graph={graph}
                  live={moment.activeEdges}
                  locked={moment.locked}
                  width={84}
                  height={44}
                  {...(c.edge !== null && { cut: new Set([c.edge]) })}
                />
              )}
              <span className={c.edge === null ? "r stacked" : "r"}>
                <b>{changeName(c)}</b>
                <span className="q">{describeValue(c, view)}</span>
              </span>
              <CandidateNote c={c} moment={moment} />
              {c.curve.length > 1 ? (
                <Spark values={c.curve.map(pointQuality)} low={low} high={high} length={epochs} />
              ) : (
                <Bar share={c.status === "done" ? shares(c.rankValue) : null} />
              )}
            </button>
          </li>
        ))}
      </ul>
    </section>
  );
}

function describeMeasuring({ done, of, device }: NonNullable<Moment["measuring"]>): string {
  return `on ${device ?? OWN_WORKERS}, ${done} of ${plural(of, "cell")}`;
}

/** The candidate's latency, or the limit that keeps it from being tested. */
function CandidateNote({ c, moment }: { c: MomentCandidate; moment: Moment }) {
  if (!c.feasible) return <span className="below over">{exceededLimitNames(c, moment) ?? c.whyNot}</span>;
  if (c.cost.latency !== null) return <span className="below">{formatLatency(c.cost.latency)}</span>;
  if (c.measurement === null) return null;
  return (
    <span className="below">
      {c.measurement === "runs" ? "measuring" : c.measurement === "done" ? "measured" : "not measured"}
    </span>
  );
}

/** Why a cut is not tested: the limits that it exceeds, and the costs over a limit that it raises further. */
function exceededLimitNames({ cost }: MomentCandidate, { cost: now, budget }: Moment): string | null {
  if (!budget) return null;
  const already = now ? exceededLimits(now, budget) : [];
  const exceeded = exceededLimits(cost, budget);
  const names = (keys: readonly string[]) =>
    LIMITS.filter(({ key }) => keys.includes(key)).map(({ inline }) => inline);
  const over = names(exceeded.filter((key) => !already.includes(key)));
  const raised = names(
    already.filter((key) => now && (limitedValue(cost, key) ?? 0) > (limitedValue(now, key) ?? 0)),
  );
  return (
    [over.length > 0 && `over ${over.join(", ")}`, raised.length > 0 && `raises ${raised.join(", ")}`]
      .filter(Boolean)
      .join("; ") || null
  );
}

function describeValue(c: MomentCandidate, { metric }: View): string {
  switch (c.status) {
    case "done":
      return c.score === null ? formatQuality(c.quality, metric) : formatScore(c.score);
    case "running":
      return c.curve.length === 0 ? "training" : `epoch ${c.curve.length}`;
    case "queued":
      return "queued";
    case "error":
      return "failed";
    case "skipped":
      return "skipped";
  }
}

function Bar({ share }: { share: number | null }) {
  const style: CSSProperties =
    share === null ? {} : { width: `${share * 100}%`, background: scoreColor(share) };
  return <span className="bar5">{share !== null && <i style={style} />}</span>;
}

/** Maps a value to its share of the range; at least 0.05, so that a bar is visible. */
function shareScale(values: readonly number[]): (value: number) => number {
  const [low, high] = [Math.min(...values), Math.max(...values)];
  return (value) => (high === low ? 1 : Math.max(0.05, 0.1 + (0.9 * (value - low)) / (high - low)));
}

function BestSteps({ graph, view, go }: Pick<CandidatesPanelProps, "graph" | "view" | "go">) {
  // A step that changed nothing shows the same cell as the one before.
  const best = view.history
    .filter((step) => changeName(step) !== NO_CHANGE)
    .sort((a, b) => rankStep(b) - rankStep(a))
    .slice(0, 10);
  const shares = shareScale(best.map((s) => s.score));
  const answer = answerStep(view);
  return (
    <section className="plate" aria-label="Best steps">
      <header>
        <h2>Best steps</h2>
        <span className="sub">
          by <Term name="score">score</Term> when decided; ✓ fits all limits
        </span>
      </header>
      {best.length === 0 && <p className="q">The search ended before its first step was decided.</p>}
      <ul className="cands">
        {best.map((step) => (
          <li key={step.step}>
            <button
              type="button"
              className={`cand${step.step === answer ? " best" : ""}`}
              onClick={() => go(step.step)}
            >
              <CellThumbnail graph={graph} live={activeEdgesAt(view, step.step)} width={84} height={44} />
              <span className="r stacked">
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
                <span className="q">{formatScore(step.score)}</span>
              </span>
              {step.edge === null && <span className="below">{changeName(step)}</span>}
              {step.step === answer && <span className="below">cell of the answer</span>}
              <Bar share={shares(step.score)} />
            </button>
          </li>
        ))}
      </ul>
    </section>
  );
}

/** Steps that fit come before those that do not. */
function rankStep(step: ViewStep): number {
  return step.score + (step.fits ? 1_000 : 0);
}
