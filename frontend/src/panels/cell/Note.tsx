// The margin note: why the edge or node in focus is as it is, what cutting it would change, what a person can do.
import { Link } from "react-router";
import { LIMITS, spent } from "../../format/costs";
import { edgeName, quality, signed } from "../../format/units";
import type { Cost, View } from "../../live/events";
import type { Beside } from "../../live/messages";
import { broken, type Moment, type MomentEdge, type MomentNode } from "../../search-view/moment";
import { edgeNote, fitness, nodeNote } from "../../search-view/words";
import { standing } from "../../whatif/edits";
import type { WhatIf } from "../../whatif/useWhatIf";
import { Acts } from "../steering/Acts";
import type { Steering } from "../steering/useSteering";

interface NoteProps {
  edge: MomentEdge | undefined;
  node: MomentNode | undefined;
  moment: Moment;
  view: View;
  beside: Beside | null;
  whatIf: WhatIf;
  /** the cost without what is in focus, or with what was cut; null while it is not known */
  after: Cost | null;
  steering: Steering;
  /** the cut waits for a yes */
  asking: boolean;
  ask: (asking: boolean) => void;
}

export function Note(props: NoteProps) {
  if (props.edge) return <EdgeNote {...props} edge={props.edge} />;
  if (props.node) return <NodeNote {...props} node={props.node} />;
  return <NothingChosen {...props} />;
}

function NodeNote(props: NoteProps & { node: MomentNode }) {
  const { node, moment, view, whatIf, after } = props;
  const { head, text } = nodeNote(node, moment, view);
  const state = node.removed ? "removed" : node.locked ? "locked" : "active";
  return (
    <div className={`why is-${state}`}>
      <h3>
        Node {node.id} <small>{head}</small>
      </h3>
      <p>{text}</p>
      {node.op !== "input" && <Acts {...props} part={{ node: node.id }} state={state} asked={node.asked} />}
      {node.op !== "input" && !node.removed && (
        <dl>
          <Changes target={String(node.id)} moment={moment} whatIf={whatIf} after={after} />
        </dl>
      )}
    </div>
  );
}

function EdgeNote(props: NoteProps & { edge: MomentEdge }) {
  const { edge, moment, view, whatIf, after } = props;
  const { head, text } = edgeNote(edge, moment, view);
  return (
    <div className={`why is-${edge.state}`}>
      <h3>
        {edgeName(edge.id)} <small>{head}</small>
      </h3>
      <p>{text}</p>
      <Acts {...props} part={{ edge: edge.id }} state={edge.state} asked={edge.asked} />
      <dl>
        {edge.state !== "removed" && (
          <>
            <dt>Fitness</dt>
            <dd>{fitness(edge.fitness, view.metric)}</dd>
            <dt>Tested</dt>
            <dd>{edge.tests}×</dd>
          </>
        )}
        <Changes target={edge.id} moment={moment} whatIf={whatIf} after={after} />
      </dl>
    </div>
  );
}

interface ChangesProps extends Pick<NoteProps, "moment" | "whatIf" | "after"> {
  target: string;
}

/** What would change without it, or with it back, and which limits would then hold. */
function Changes({ target, moment, whatIf, after }: ChangesProps) {
  const { cost, budget } = moment;
  if (!after || !cost) {
    const why = whatIf.prices.get(target)?.whyNot;
    return <Figure name="What if" change={why ?? (whatIf.pending ? "…" : "–")} />;
  }
  const limited = budget !== null && LIMITS.some(({ key }) => typeof budget[key] === "number");
  const over = budget ? broken(after, budget).map((limit) => ({ limit })) : [];
  return (
    <>
      {limited && <Figure name="It would be" change={standing(over, limited)} />}
      {changes(cost, after).map(({ key, name, change }) => (
        <Figure key={key} name={`Δ ${name}`} change={change} />
      ))}
    </>
  );
}

function Figure({ name, change }: { name: string; change: string }) {
  return (
    <>
      <dt>{name}</dt>
      <dd>{change}</dd>
    </>
  );
}

/** What a cut would change, of all costs that are known with and without it. */
function changes(now: Cost, after: Cost) {
  return LIMITS.flatMap(({ key, name, show }) => {
    const [from, to] = [spent(now, key), spent(after, key)];
    return from === null || to === null ? [] : [{ key, name, change: signed(to - from, show) }];
  });
}

function NothingChosen({ moment, view, beside }: NoteProps) {
  const edges = moment.living.size;
  if (!moment.over || !moment.head || moment.left) {
    return (
      <div className="why is-active">
        <h3>
          {moment.nodes.length === 0 ? "Not begun" : "Nothing chosen"} <small>{edges} edges</small>
        </h3>
        <p>
          {moment.nodes.length === 0
            ? "The cell appears with the first event."
            : `Choose an edge or a node, or walk with the arrow keys, to see why it is there${moment.left ? "" : " and to steer it"}.`}
        </p>
      </div>
    );
  }
  const best = view.best;
  return (
    <div className="why is-active">
      <h3>
        {best ? "Best cell" : "No cell"} <small>{best ? `step ${best.step}` : `${edges} edges left`}</small>
      </h3>
      <p>
        {sentenceOf(view.why)}
        {!best && view.status !== "cancelled" && " No cell was inside every limit, so none is kept."}
      </p>
      {best && (
        <dl>
          <dt>Validation {view.metric}</dt>
          <dd>{quality(best.quality, view.metric)}</dd>
          {LIMITS.filter(({ key }) => spent(best.cost, key) !== null).map(({ key, name, show }) => (
            <Figure key={key} name={name} change={show(spent(best.cost, key))} />
          ))}
        </dl>
      )}
      {beside?.architecture && (
        <div className="acts">
          <Link className="btn solid" to={`/architectures/${beside.architecture}`}>
            Open the architecture
          </Link>
        </div>
      )}
    </div>
  );
}

function sentenceOf(why: string): string {
  if (!why) return "The search is over.";
  const text = why.charAt(0).toUpperCase() + why.slice(1);
  return text.endsWith(".") ? text : `${text}.`;
}
