// This round's candidates as small multiples: the cell without one edge, its curve so far, its score. After the end,
// the best steps of the search in their place.
import "./candidates.css";
import type { CSSProperties } from "react";
import { WORKERS } from "../../api/devices";
import { scoreColor } from "../../charts/axis";
import { Spark } from "../../charts/Spark";
import type { DagGraph } from "../../dag/graph";
import { Picture } from "../../dag/Thumb";
import { LIMITS, spent } from "../../format/costs";
import { plural } from "../../format/text";
import { edgeName, ms, quality, score } from "../../format/units";
import type { View, ViewStep } from "../../live/events";
import { latencySaid } from "../../search-view/latency";
import { bestFirst, broken, type Moment, type MomentCandidate, qualityAt } from "../../search-view/moment";
import { livingAt } from "../../search-view/replay";
import type { Selection } from "../selection/useLook";

interface CandidatesProps {
  graph: DagGraph;
  view: View;
  moment: Moment;
  selection: Selection;
  go: (step: number) => void;
}

const SHOWN = 20;

export function Candidates({ graph, view, moment, selection, go }: CandidatesProps) {
  if (moment.over && moment.head) return <BestSteps graph={graph} view={view} go={go} />;
  const ranked = bestFirst(moment.candidates).slice(0, SHOWN);
  const tests = moment.candidates.filter((c) => c.feasible);
  const done = tests.filter((c) => c.status === "done" || c.status === "error").length;
  const shares = sharesOf(ranked.filter((c) => c.status === "done").map((c) => c.worth));
  const reached = moment.candidates.flatMap((c) => c.curve.map(qualityAt));
  const [low, high] = [Math.min(...reached), Math.max(...reached)];
  const epochs = Math.max(1, ...moment.candidates.map((c) => c.curve.length));
  return (
    <section className="plate" aria-label="Candidates">
      <header>
        <h2>{moment.measuring ? "Measuring latency" : `Cuts tested at step ${moment.step}`}</h2>
        <span className="sub">
          {moment.measuring
            ? measured(moment.measuring)
            : tests.length === 0
              ? "none proposed"
              : `${done} of ${tests.length} done, best first`}
        </span>
      </header>
      <ul className="cands">
        {ranked.map((c) => (
          <li key={c.index}>
            <button
              type="button"
              className={`cand is-${c.status}${c.edge !== null && c.edge === moment.next ? " first" : ""}`}
              aria-pressed={c.edge !== null && c.edge === selection.chosen}
              data-on={c.edge !== null && c.edge === selection.shown}
              title={c.whyNot ?? (c.latency ? latencySaid(c.latency) : undefined)}
              onClick={() => selection.pick(c.edge === selection.chosen ? null : c.edge)}
              onPointerEnter={(event) => event.pointerType === "mouse" && selection.hover(c.edge)}
              onPointerLeave={() => selection.hover(null)}
            >
              <Picture
                graph={graph}
                live={moment.living}
                held={moment.locked}
                width={84}
                height={44}
                {...(c.edge !== null && { cut: new Set([c.edge]) })}
              />
              <span className="r">
                <b>{c.edge === null ? "as it is" : edgeName(c.edge)}</b>
                <span className="q">{shownValue(c, view)}</span>
              </span>
              <Below c={c} moment={moment} />
              {c.curve.length > 1 ? (
                <Spark values={c.curve.map(qualityAt)} low={low} high={high} length={epochs} />
              ) : (
                <Bar share={c.status === "done" ? shares(c.worth) : null} />
              )}
            </button>
          </li>
        ))}
      </ul>
    </section>
  );
}

function measured({ done, of, device }: NonNullable<Moment["measuring"]>): string {
  return `on ${device ?? WORKERS}, ${done} of ${plural(of, "cell")}`;
}

/** What is known of its speed, or which limit keeps it from being tested. */
function Below({ c, moment }: { c: MomentCandidate; moment: Moment }) {
  if (!c.feasible) return <span className="below over">{whyShort(c, moment) ?? c.whyNot}</span>;
  if (c.cost.latency !== null) return <span className="below">{ms(c.cost.latency)}</span>;
  if (c.measured === null) return null;
  return (
    <span className="below">
      {c.measured === "runs" ? "being timed" : c.measured === "done" ? "timed" : "–"}
    </span>
  );
}

/** The limits that a cut breaks; on the way down, those that it takes further from. */
function whyShort({ cost }: MomentCandidate, { cost: now, budget }: Moment): string | null {
  if (!budget) return null;
  const already = now ? broken(now, budget) : [];
  const further = broken(cost, budget).filter(
    (key) => !now || !already.includes(key) || (spent(cost, key) ?? 0) > (spent(now, key) ?? 0),
  );
  const names = LIMITS.filter(({ key }) => further.includes(key)).map(({ inline }) => inline);
  return names.length > 0 ? `over ${names.join(", ")}` : null;
}

function shownValue(c: MomentCandidate, { metric }: View): string {
  switch (c.status) {
    case "done":
      return c.score === null ? quality(c.quality, metric) : score(c.score);
    case "running":
      return c.curve.length === 0 ? "training" : `ep ${c.curve.length}`;
    case "queued":
      return "queued";
    case "error":
      return "failed";
    case "skipped":
      return "over";
  }
}

function Bar({ share }: { share: number | null }) {
  const style: CSSProperties =
    share === null ? {} : { width: `${share * 100}%`, background: scoreColor(share) };
  return <span className="bar5">{share !== null && <i style={style} />}</span>;
}

/** From a value to its share of the range, never quite nothing. */
function sharesOf(values: readonly number[]): (value: number) => number {
  const [low, high] = [Math.min(...values), Math.max(...values)];
  return (value) => (high === low ? 1 : Math.max(0.05, 0.1 + (0.9 * (value - low)) / (high - low)));
}

function BestSteps({ graph, view, go }: Pick<CandidatesProps, "graph" | "view" | "go">) {
  const best = [...view.history].sort((a, b) => rank(b) - rank(a)).slice(0, 10);
  const shares = sharesOf(best.map((s) => s.score));
  return (
    <section className="plate" aria-label="Best steps">
      <header>
        <h2>Best steps of this search</h2>
        <span className="sub">step and score; ✓ inside every limit</span>
      </header>
      <ul className="cands">
        {best.map((step, i) => (
          <li key={step.step}>
            <button type="button" className={`cand${i === 0 ? " best" : ""}`} onClick={() => go(step.step)}>
              <Picture graph={graph} live={livingAt(view, step.step)} width={84} height={44} />
              <span className="r">
                <b>
                  {step.fits ? "✓ " : ""}
                  {step.step}
                </b>
                <span className="q">{score(step.score)}</span>
              </span>
              <Bar share={shares(step.score)} />
            </button>
          </li>
        ))}
      </ul>
    </section>
  );
}

/** What fits comes before what does not. */
function rank(step: ViewStep): number {
  return step.score + (step.fits ? 1_000 : 0);
}
