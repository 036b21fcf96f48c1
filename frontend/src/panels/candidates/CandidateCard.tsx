// One candidate as a card: its cell, its value, and how its training went.
import clsx from "clsx";
import { type CSSProperties, useMemo } from "react";
import type { CurvePoint } from "../../api/types";
import { scoreColor } from "../../charts/axis";
import { Spark } from "../../charts/Spark";
import { isChain } from "../../dag/chain/blocks";
import type { DagGraph } from "../../dag/graph";
import { CellThumbnail } from "../../dag/Thumbnail";
import { LIMITS, limitedValue } from "../../format/costs";
import { formatLatency, formatQuality, formatScore } from "../../format/numbers";
import { editedEdges, editedIds, editedNodes } from "../../live/edits";
import type { NodeRow } from "../../live/events";
import type { View } from "../../live/view";
import { candidateMetric, doneWord } from "../../search-view/candidateMetric";
import { changeName } from "../../search-view/changeText";
import { describeLatency } from "../../search-view/latencyText";
import { graphOfNodes, type Moment } from "../../search-view/moment";
import { exceededLimits, type MomentCandidate, pointQuality } from "../../search-view/momentCandidates";
import type { Selection } from "../selection/useViewState";
import styles from "./candidates.module.css";
import { useStoredCurve } from "./useStoredCurve";

interface CandidateCardProps {
  search: string;
  view: View;
  graph: DagGraph;
  moment: Moment;
  candidate: MomentCandidate;
  selection: Selection;
  /** the scale of the curves of all cards */
  scale: CurveScale;
  /** the share of the card's value in the range of all */
  share: number | null;
  /** its stored curve is shown */
  open: boolean;
  onOpen: (open: boolean) => void;
}

export interface CurveScale {
  readonly low: number;
  readonly high: number;
  readonly epochs: number;
}

export function CandidateCard(props: CandidateCardProps) {
  const { search, view, moment, candidate: c, selection, scale, share, open, onOpen } = props;
  const chosen = c.edge !== null && c.edge === selection.chosen;
  // Telemetry has the curves of the open round, and for a finished training its best epoch.
  const isStored = open && c.status === "done" && c.curve.length === 0;
  const stored = useStoredCurve(search, view.branch, isStored ? c.id : null);
  const curve = c.curve.length > 1 ? c.curve : stored;
  const values = curve.map(pointQuality);
  const points = curve.map((point): [number, number] => [point.epoch, pointQuality(point)]);
  const point = (at: boolean) => {
    selection.hover(at ? c.edge : null);
    selection.pointAt(at && c.edge === null ? c.id : null);
  };
  const own = c.curve.length > 1 ? scale : scaleOf(values, lastEpoch(curve));
  return (
    <button
      type="button"
      className={styles.cand}
      data-first={c.id === moment.first}
      data-status={c.status}
      aria-pressed={c.edge === null ? open : chosen}
      data-on={c.edge !== null && c.edge === selection.focused}
      title={c.whyNot ?? (c.latency ? describeLatency(c.latency) : undefined)}
      onClick={() => {
        const on = c.edge === null ? open : chosen;
        onOpen(!on);
        selection.pick(on ? null : c.edge);
      }}
      onPointerEnter={(event) => event.pointerType === "mouse" && point(true)}
      onPointerLeave={() => point(false)}
      onFocus={() => selection.pointAt(c.edge === null ? c.id : null)}
      onBlur={() => selection.pointAt(null)}
    >
      <Thumbnail {...props} />
      <span className={clsx(styles.r, c.edge === null && styles.stacked)}>
        <b>{changeName(c)}</b>
        <span className={clsx("q", styles.value)}>{describeValue(c, view, moment)}</span>
      </span>
      <CandidateNote c={c} moment={moment} />
      {values.length > 1 ? (
        <Spark points={points} low={own.low} high={own.high} last={own.epochs} />
      ) : (
        <Bar share={share} />
      )}
    </button>
  );
}

/** A curve of many epochs has only some of them. */
export const lastEpoch = (curve: readonly CurvePoint[]): number => curve.at(-1)?.epoch ?? 0;

export function scaleOf(values: readonly number[], epochs: number): CurveScale {
  return { low: Math.min(...values), high: Math.max(...values), epochs: Math.max(1, epochs) };
}

/** The cell with the candidate's edits, if the drawing has all parts of it. */
function Thumbnail(props: CandidateCardProps) {
  return isChain(props.graph.nodes) ? <ChainOfCandidate {...props} /> : <CellOfCandidate {...props} />;
}

function ChainOfCandidate({ view, candidate: { edits } }: CandidateCardProps) {
  const graph = useMemo(() => {
    const present = view.nodes.filter(({ state }) => state === "active");
    const rows = present.map(({ id, op, rank, attrs, cell }): NodeRow => [id, op, rank, attrs, cell]);
    return graphOfNodes(editedNodes(rows, edits));
  }, [view.nodes, edits]);
  return <CellThumbnail graph={graph} marked={editedIds(edits)} width={84} height={44} fluid />;
}

function CellOfCandidate({ graph, moment, candidate: { edits, edge } }: CandidateCardProps) {
  const { activeEdges } = moment;
  const live = useMemo(() => {
    if (edge !== null) return activeEdges;
    const isKnown = (id: string) => graph.edges.some((each) => each.id === id);
    const hasNode = ([id]: NodeRow) => graph.nodes.some((each) => each.id === id);
    const drawn = edits.nodes_added.every(hasNode) && edits.edges_added.every(isKnown);
    return drawn ? editedEdges(activeEdges, edits) : null;
  }, [activeEdges, edge, edits, graph]);
  if (live === null) return null;
  return (
    <CellThumbnail
      graph={graph}
      live={live}
      locked={moment.locked}
      width={84}
      height={44}
      fluid
      {...(edge !== null && { cut: new Set([edge]) })}
    />
  );
}

/** The candidate's latency, or the limit that keeps it from being tested. */
function CandidateNote({ c, moment }: { c: MomentCandidate; moment: Moment }) {
  if (!c.feasible)
    return (
      <span className={clsx(styles.below, styles.exceeded)}>{exceededLimitNames(c, moment) ?? c.whyNot}</span>
    );
  if (c.cost.latency !== null) return <span className={styles.below}>{formatLatency(c.cost.latency)}</span>;
  if (c.measurement === null) return null;
  return (
    <span className={styles.below}>
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

function describeValue(c: MomentCandidate, view: View, { over }: Moment): string {
  const metric = candidateMetric(view);
  switch (c.status) {
    case "done":
      if (c.score !== null) return formatScore(c.score);
      return c.quality === null ? doneWord(view) : formatQuality(c.quality, metric);
    case "running":
      return c.curve.length === 0
        ? metric === "proxy"
          ? "scoring"
          : "training"
        : `epoch ${lastEpoch(c.curve)}`;
    case "queued":
      return over ? `not ${doneWord(view)}` : "queued";
    case "error":
      return "failed";
    case "skipped":
      return "skipped";
  }
}

export function Bar({ share }: { share: number | null }) {
  const style: CSSProperties =
    share === null ? {} : { width: `${share * 100}%`, background: scoreColor(share) };
  return <span className={styles.bar5}>{share !== null && <i style={style} />}</span>;
}

/** Maps a value to its share of the range; at least 0.05, so that a bar is visible. */
export function shareScale(values: readonly number[]): (value: number) => number {
  const [low, high] = [Math.min(...values), Math.max(...values)];
  return (value) => (high === low ? 1 : Math.max(0.05, 0.1 + (0.9 * (value - low)) / (high - low)));
}
