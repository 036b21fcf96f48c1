// The cell itself: trellis, matrix or table, with its key, and the margin beside it.
import "./cell.css";
import { useMemo, useRef } from "react";
import { MatrixDrawing, MatrixInset, TrellisDrawing } from "../../dag/Drawing";
import { type DagGraph, nodeOf, type Scene } from "../../dag/graph";
import { Thumb } from "../../dag/Thumb";
import { plural } from "../../format/text";
import { edgeName } from "../../format/units";
import type { Cost, View } from "../../live/events";
import type { Beside } from "../../live/messages";
import type { Moment } from "../../search-view/moment";
import { edgeSentence, nodeSentence } from "../../search-view/words";
import type { WhatIf } from "../../whatif/useWhatIf";
import type { Look, Selection } from "../selection/useLook";
import type { Steering } from "../steering/useSteering";
import { CellTables } from "./CellTables";
import { Key } from "./Key";
import { Note } from "./Note";
import { useStageKeys } from "./useStageKeys";

interface StageProps {
  graph: DagGraph;
  view: View;
  beside: Beside | null;
  moment: Moment;
  look: Look;
  selection: Selection;
  whatIf: WhatIf;
  after: Cost | null;
  steering: Steering;
  pale: boolean;
  waiting: string | null;
}

const VIEWS = [
  { view: "trellis", word: "Trellis" },
  { view: "matrix", word: "Matrix" },
  { view: "table", word: "Table" },
] as const;

export function Stage({
  graph,
  view,
  beside,
  moment,
  look,
  selection,
  whatIf,
  after,
  steering,
  pale,
  waiting,
}: StageProps) {
  const scene = useMemo(
    (): Scene => ({
      edges: moment.edges.map((edge) => ({
        ...edge,
        asked: edge.asked !== null,
        says: edgeSentence(edge),
      })),
      nodes: moment.nodes.map((node) => ({
        ...node,
        asked: node.asked !== null,
        says: nodeSentence(node),
      })),
      focus: selection.shown,
      pale,
    }),
    [moment, selection.shown, pale],
  );
  const focus = selection.shown ?? moment.next;
  const edge = moment.edges.find((each) => each.id === focus);
  const node = moment.nodes.find((each) => each.id === nodeOf(focus));
  const note = useRef<HTMLElement>(null);
  const keys = useStageKeys({ focus, moment, selection, steering, note, toNewest: () => look.turn(null) });
  const { onKey } = keys;

  const standing = moment.nodes.filter((node) => !node.removed).length;
  const summary = `${moment.living.size} of ${plural(moment.edges.length, "edge")}, ${standing} of ${plural(moment.nodes.length, "node")}`;
  const label = `Cell at step ${moment.step}: ${summary}. Arrow keys walk, N changes between edge and node, Enter goes to what can be done, Escape lets go.`;
  const drawing = { graph, scene, onHover: selection.hover, onPick: selection.pick, onKey };
  return (
    <section className="plate dag" aria-label="Cell">
      <header>
        <h2>Cell at step {moment.step}</h2>
        <span className="sub">{moment.edges.length > 0 ? summary : "not begun"}</span>
        {!moment.head && (
          <button type="button" className="btn small quiet" onClick={() => look.go(null)}>
            To the newest
          </button>
        )}
        <fieldset className="end seg">
          <legend className="sr">Drawing</legend>
          {VIEWS.map((each) => (
            <button
              type="button"
              key={each.view}
              aria-pressed={look.view === each.view}
              onClick={() => look.show(each.view)}
            >
              {each.word}
            </button>
          ))}
        </fieldset>
      </header>
      <div className="dag-body">
        <div>
          <div className="stage" data-view={look.view}>
            {look.view === "trellis" && <TrellisDrawing {...drawing} label={label} />}
            {look.view === "matrix" && <MatrixDrawing {...drawing} label={label} />}
            {look.view === "table" && (
              <CellTables
                metric={view.metric}
                moment={moment}
                prices={whatIf.prices}
                focus={selection.shown}
                pick={selection.pick}
                onKey={onKey}
              />
            )}
            {waiting && <p className="stage-message q">{waiting}</p>}
          </div>
          <Key matrix={look.view === "matrix"} />
        </div>
        <aside
          className="note"
          ref={note}
          aria-label={edge ? `Edge ${edgeName(edge.id)}` : node ? `Node ${node.id}` : "About the cell"}
          onKeyDown={keys.onNoteKey}
        >
          <div className="inset">
            {look.view === "matrix" ? (
              <Thumb
                graph={graph}
                live={moment.living}
                held={moment.locked}
                width={190}
                height={110}
                {...(edge && edge.state !== "removed" && { cut: new Set([edge.id]) })}
              />
            ) : (
              <MatrixInset graph={graph} scene={scene} onHover={selection.hover} onPick={selection.pick} />
            )}
          </div>
          <Note
            edge={edge}
            node={node}
            moment={moment}
            view={view}
            beside={beside}
            whatIf={whatIf}
            after={after}
            steering={steering}
            asking={selection.asking}
            ask={selection.ask}
          />
        </aside>
      </div>
    </section>
  );
}
