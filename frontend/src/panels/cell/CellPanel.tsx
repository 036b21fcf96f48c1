// The cell panel: trellis, matrix or table, with legend and details.
import clsx from "clsx";
import { useMemo, useRef } from "react";
import { describeChain, isChain, nodeName } from "../../dag/chain/blocks";
import { CellDrawing, MatrixDrawing, MatrixInset } from "../../dag/Drawing";
import { type DagGraph, nodeNumber, type Scene } from "../../dag/graph";
import { CellThumbnail } from "../../dag/Thumbnail";
import { formatEdge, plural } from "../../format/text";
import type { Cost } from "../../live/events";
import type { Line } from "../../live/line";
import type { Telemetry } from "../../live/messages";
import type { View } from "../../live/view";
import { edgeAppearances, markedChange, nodeAppearances } from "../../search-view/appearance";
import type { Moment } from "../../search-view/moment";
import { Term } from "../../ui/Term";
import type { WhatIf } from "../../whatif/useWhatIf";
import type { Selection, ViewState } from "../selection/useViewState";
import type { Steering } from "../steering/useSteering";
import { CellLayers } from "./CellLayers";
import { CellTables } from "./CellTables";
import styles from "./cell.module.css";
import { Legend } from "./Legend";
import { MarginNote } from "./MarginNote";
import { useCellKeys } from "./useCellKeys";

interface CellPanelProps {
  graph: DagGraph;
  view: View;
  line: Line;
  telemetry: Telemetry | null;
  moment: Moment;
  viewState: ViewState;
  selection: Selection;
  whatIf: WhatIf;
  after: Cost | null;
  steering: Steering;
  pale: boolean;
  waiting: string | null;
  /** what is newest, if something earlier is shown */
  newest: string | null;
}

/** Nodes; the squares of a larger matrix would be smaller than a pixel or two. */
const MOST_IN_INSET = 64;

const VIEWS = [
  { view: "trellis", word: "Trellis" },
  { view: "matrix", word: "Matrix" },
  { view: "layers", word: "Layers" },
  { view: "table", word: "Table" },
] as const;

export function CellPanel({
  graph,
  view,
  line,
  telemetry,
  moment,
  viewState,
  selection,
  whatIf,
  after,
  steering,
  pale,
  waiting,
  newest,
}: CellPanelProps) {
  const looks = useMemo(
    () => ({ edges: edgeAppearances(graph, moment), nodes: nodeAppearances(graph, moment), pale }),
    [graph, moment, pale],
  );
  const change = useMemo(
    () => markedChange(moment, line, selection.candidate),
    [moment, line, selection.candidate],
  );
  const scene = useMemo(
    (): Scene => ({ ...looks, change, focus: selection.focused }),
    [looks, change, selection.focused],
  );
  // A question stays with the edge or node that it is about, wherever the pointer goes.
  const focus = selection.confirmingCut ? selection.chosen : selection.focused;
  const edge = moment.edges.find((each) => each.id === focus);
  const node = moment.nodes.find((each) => each.id === nodeNumber(focus));
  const note = useRef<HTMLElement>(null);
  const keys = useCellKeys({
    moment,
    selection,
    steering,
    note,
    toNewest: () => viewState.showBranch(null),
  });
  const { onKey } = keys;

  const present = moment.nodes.filter((node) => !node.removed);
  const chain = isChain(present);
  const summary = chain
    ? describeChain(present)
    : `${moment.activeEdges.size} of ${plural(moment.edges.length, "edge")}, ${present.length} of ${plural(moment.nodes.length, "node")}`;
  const title = moment.isAnswer ? "Answer" : `${chain ? "Chain" : "Cell"} at step ${moment.step}`;
  const moves = chain
    ? "Arrow keys move along the blocks"
    : "Arrow keys move along edges, N switches between an edge and its node";
  const label = `${title}: ${summary}. ${moves}, Enter goes to the actions, Escape clears the selection.`;
  // The squares of a chain would all lie on one diagonal.
  const views = chain ? VIEWS.filter(({ view }) => view !== "matrix") : VIEWS;
  const shown = chain && viewState.drawing === "matrix" ? "trellis" : viewState.drawing;
  const drawing = { graph, scene, onHover: selection.hover, onPick: selection.pick, onKey };
  return (
    <section className={clsx("plate", styles.dag)} aria-label="Cell">
      <header>
        <h2>
          {moment.isAnswer ? (
            <Term name="answer">Answer</Term>
          ) : (
            <>
              {chain ? "Chain" : <Term name="cell">Cell</Term>} at <Term name="step">step</Term> {moment.step}
            </>
          )}
        </h2>
        <span className="sub">{moment.edges.length > 0 ? summary : "not started"}</span>
        {newest && (
          <button type="button" className="btn small quiet" onClick={() => viewState.showStep(null)}>
            Go to the {newest}
          </button>
        )}
        <fieldset className="end seg">
          <legend className="sr">View</legend>
          {views.map((each) => (
            <button
              type="button"
              key={each.view}
              aria-pressed={shown === each.view}
              onClick={() => viewState.showDrawing(each.view)}
            >
              {chain && each.view === "trellis" ? "Chain" : each.word}
            </button>
          ))}
        </fieldset>
      </header>
      <div className={styles.dagBody}>
        <div>
          <div className={styles.stage} data-view={shown} data-chain={chain}>
            {shown === "trellis" && <CellDrawing {...drawing} label={label} side={sideOf(view)} />}
            {shown === "matrix" && <MatrixDrawing {...drawing} label={label} />}
            {shown === "layers" && (
              <CellLayers
                graph={graph}
                view={view}
                scene={scene}
                label={label}
                selection={selection}
                onKey={onKey}
              />
            )}
            {shown === "table" && (
              <CellTables
                metric={view.metric}
                moment={moment}
                prices={whatIf.prices}
                focus={selection.focused}
                pick={selection.pick}
                onKey={onKey}
              />
            )}
            {waiting && <p className={clsx("q", styles.stageMessage)}>{waiting}</p>}
          </div>
          <Legend form={chain ? "chain" : shown === "matrix" ? "matrix" : "trellis"} moment={moment} />
        </div>
        <aside
          className={styles.note}
          ref={note}
          aria-label={edge ? `Edge ${formatEdge(edge.id)}` : node ? nodeName(node) : "Details"}
          onKeyDown={keys.onNoteKey}
        >
          {!chain && (
            <div className={styles.inset}>
              {shown === "matrix" ? (
                <CellThumbnail
                  graph={graph}
                  form="trellis"
                  live={moment.activeEdges}
                  locked={moment.locked}
                  width={190}
                  height={110}
                  {...(edge && edge.state !== "removed" && { cut: new Set([edge.id]) })}
                />
              ) : (
                graph.nodes.length <= MOST_IN_INSET && (
                  <MatrixInset
                    graph={graph}
                    scene={scene}
                    onHover={selection.hover}
                    onPick={selection.pick}
                  />
                )
              )}
            </div>
          )}
          <MarginNote
            edge={edge}
            node={node}
            moment={moment}
            view={view}
            line={line}
            telemetry={telemetry}
            whatIf={whatIf}
            after={after}
            selection={selection}
            steering={steering}
          />
        </aside>
      </div>
    </section>
  );
}

/** The height of the input in pixels; null of text. */
function sideOf({ macro }: View): number | null {
  return macro && macro.kind !== "text" ? (macro.input[1] ?? null) : null;
}
