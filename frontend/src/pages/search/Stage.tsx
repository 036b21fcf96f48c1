// The cell itself: trellis, matrix or table, with its key, and the margin beside it.
import { useMemo } from "react";
import { MatrixDrawing, MatrixInset, TrellisDrawing } from "../../dag/Drawing";
import type { DagGraph, Scene } from "../../dag/graph";
import { Thumb } from "../../dag/Thumb";
import { plural } from "../../format";
import type { Cost, View } from "../../live/events";
import type { Beside } from "../../live/messages";
import { edgeName } from "../../units";
import { EdgeTable } from "./EdgeTable";
import { Key } from "./Key";
import type { Moment } from "./moment";
import { Note } from "./Note";
import type { Look, Selection } from "./useLook";
import type { Steering } from "./useSteering";
import { edgeSentence } from "./words";

interface StageProps {
  graph: DagGraph;
  view: View;
  beside: Beside | null;
  moment: Moment;
  look: Look;
  selection: Selection;
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
  after,
  steering,
  pale,
  waiting,
}: StageProps) {
  const scene = useMemo(
    (): Scene => ({
      edges: moment.edges.map((edge) => ({ ...edge, says: edgeSentence(edge) })),
      nodes: moment.nodes,
      focus: selection.shown,
      pale,
    }),
    [moment, selection.shown, pale],
  );
  const focus = selection.shown ?? moment.next;
  const edge = moment.edges.find((each) => each.id === focus);

  const onKey = (key: string): boolean => {
    if (key === "Escape" && selection.asking) selection.ask(false);
    else if (key === "Escape") selection.pick(null);
    else if (/^u$/i.test(key)) return steering.undo();
    else if (!edge || !moment.head || moment.over || edge.state === "removed") return false;
    else if (/^l$/i.test(key)) steering.send(edge.state === "locked" ? "unlock" : "lock", edge.id);
    else if (/^r$/i.test(key) && edge.state !== "locked") {
      selection.pick(edge.id);
      selection.ask(true);
    } else return false;
    return true;
  };

  const standing = moment.nodes.filter((node) => !node.removed).length;
  const summary = `${moment.living.size} of ${plural(moment.edges.length, "edge")}, ${standing} of ${plural(moment.nodes.length, "node")}`;
  const label = `Cell at step ${moment.step}: ${summary}. Arrow keys walk along edges, L locks or unlocks, R asks to cut, U takes back, Escape lets go.`;
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
              <EdgeTable moment={moment} focus={selection.shown} pick={selection.pick} onKey={onKey} />
            )}
            {waiting && <p className="stage-message q">{waiting}</p>}
          </div>
          <Key matrix={look.view === "matrix"} />
        </div>
        <aside className="note" aria-label={edge ? `Edge ${edgeName(edge.id)}` : "About the cell"}>
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
            moment={moment}
            view={view}
            beside={beside}
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
