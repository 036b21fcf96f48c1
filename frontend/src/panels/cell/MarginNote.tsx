// Details of the edge or node in focus: an explanation of its state, what cutting it would change, and actions.

import { Link } from "react-router";
import { describeChain, isChain, nodeName } from "../../dag/chain/blocks";
import { nodeNumber } from "../../dag/graph";
import { LIMITS, limitedValue } from "../../format/costs";
import { formatQuality, formatSigned } from "../../format/numbers";
import { formatEdge, plural } from "../../format/text";
import type { Answer, Cost } from "../../live/events";
import type { Line } from "../../live/line";
import type { Telemetry } from "../../live/messages";
import type { View } from "../../live/view";
import {
  answerOrigin,
  answerQuality,
  describeBest,
  explainAnswering,
  explainMeasurement,
} from "../../search-view/answer";
import { changeName } from "../../search-view/changeText";
import {
  explainEdge,
  explainNode,
  formatImportance,
  isTestedNow,
  testCount,
} from "../../search-view/explanation";
import type { Moment } from "../../search-view/moment";
import { exceededLimits } from "../../search-view/momentCandidates";
import type { MomentEdge, MomentNode } from "../../search-view/momentParts";
import { Term } from "../../ui/Term";
import { describeExceeded } from "../../whatif/edits";
import type { WhatIf } from "../../whatif/useWhatIf";
import type { Selection } from "../selection/useViewState";
import { EditActions } from "../steering/EditActions";
import type { Steering } from "../steering/useSteering";
import styles from "./cell.module.css";

interface MarginNoteProps {
  edge: MomentEdge | undefined;
  node: MomentNode | undefined;
  moment: Moment;
  view: View;
  /** the history of the branch that is shown */
  line: Line;
  telemetry: Telemetry | null;
  whatIf: WhatIf;
  /** the cost without the target in focus, or with it restored; null if unknown */
  after: Cost | null;
  selection: Selection;
  steering: Steering;
}

export function MarginNote(props: MarginNoteProps) {
  if (props.edge) return <EdgeDetails {...props} edge={props.edge} />;
  if (props.node) return <NodeDetails {...props} node={props.node} />;
  return <CellDetails {...props} />;
}

function NodeDetails(props: MarginNoteProps & { node: MomentNode }) {
  const { node, moment, line, whatIf, after } = props;
  const { head, text } = explainNode(node, moment, line);
  const state = node.removed ? "removed" : node.locked ? "locked" : "active";
  return (
    <div className={styles.explanation} data-state={state}>
      <h3>
        {nodeName(node)} <small>{isOperation(head) ? <Term name={head}>{head}</Term> : head}</small>
      </h3>
      <p>{text}</p>
      {node.op !== "input" && (
        <EditActions
          {...props}
          target={{ node: node.id }}
          state={state}
          pendingCommand={node.pendingCommand}
        />
      )}
      {node.op !== "input" && !node.removed && !isChain(moment.nodes) && (
        <dl>
          <Changes target={String(node.id)} moment={moment} whatIf={whatIf} after={after} />
        </dl>
      )}
    </div>
  );
}

/** The operations of image cells have definitions of their own. */
function isOperation(head: string): head is "sep3" | "conv1" {
  return head === "sep3" || head === "conv1";
}

function EdgeDetails(props: MarginNoteProps & { edge: MomentEdge }) {
  const { edge, moment, view, line, whatIf, after } = props;
  const { head, text } = explainEdge(edge, moment, view, line);
  return (
    <div className={styles.explanation} data-state={edge.state}>
      <h3>
        {formatEdge(edge.id)} <small>{head}</small>
      </h3>
      <p>{text}</p>
      <EditActions
        {...props}
        target={{ edge: edge.id }}
        state={edge.state}
        pendingCommand={edge.pendingCommand}
      />
      <dl>
        {edge.state !== "removed" && (moment.cuts || edge.tests > 0) && (
          <>
            <dt>
              <Term name="importance">Importance</Term>
            </dt>
            <dd>
              {isTestedNow(edge, moment) && edge.importance === null
                ? "after this step"
                : formatImportance(edge.importance, view.metric)}
            </dd>
            <dt>Tested</dt>
            <dd>{testCount(edge, moment)}×</dd>
          </>
        )}
        <Changes target={edge.id} moment={moment} whatIf={whatIf} after={after} />
      </dl>
    </div>
  );
}

interface ChangesProps extends Pick<MarginNoteProps, "moment" | "whatIf" | "after"> {
  target: string;
}

/** What cutting or restoring the target would change, and which limits would then be exceeded. */
function Changes({ target, moment, whatIf, after }: ChangesProps) {
  const { cost, budget } = moment;
  const restores = nodeNumber(target) === null && !moment.activeEdges.has(target);
  if (!after || !cost) {
    const why = whatIf.prices.get(target)?.whyNot;
    return (
      <Figure
        name={restores ? "After restoring" : "After this cut"}
        change={why ?? (whatIf.pending ? "…" : "–")}
      />
    );
  }
  const limited = budget !== null && LIMITS.some(({ key }) => typeof budget[key] === "number");
  const over = budget ? exceededLimits(after, budget).map((limit) => ({ limit })) : [];
  const already = budget ? exceededLimits(cost, budget) : [];
  const still = over.length > 0 && over.every(({ limit }) => already.includes(limit)) ? "still " : "";
  const outcome = `${still}${describeExceeded(over, limited)}`;
  return (
    <>
      {limited && <Figure name={restores ? "After restoring" : "After this cut"} change={outcome} />}
      {costChanges(cost, after).map(({ key, name, change }) => (
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

/** The changes of all costs that are known before and after the edit. */
function costChanges(now: Cost, after: Cost) {
  return LIMITS.flatMap(({ key, name, show }) => {
    const [from, to] = [limitedValue(now, key), limitedValue(after, key)];
    return from === null || to === null ? [] : [{ key, name, change: formatSigned(to - from, show) }];
  });
}

function CellDetails(props: MarginNoteProps) {
  const { moment, view } = props;
  if (moment.answering) {
    return (
      <div className={styles.explanation}>
        <h3>Choosing the answer</h3>
        <p>{explainAnswering(moment, view)}</p>
      </div>
    );
  }
  if (moment.isAnswer && view.answer) return <AnswerDetails {...props} answer={view.answer} />;
  if (moment.over && moment.head && !moment.abandoned && view.why) {
    return (
      <div className={styles.explanation}>
        <h3>
          No answer <small>{sizeOf(moment)} left</small>
        </h3>
        <p>
          {sentence(view.why)}
          {view.status !== "cancelled" && " No cell fitted all limits, so there is no answer."}
        </p>
      </div>
    );
  }
  return <NothingSelected {...props} />;
}

function NothingSelected({ moment, view, selection }: MarginNoteProps) {
  const { first, next } = moment;
  const leader = moment.candidates.find(({ id, status }) => id === first && status === "done");
  if (moment.nodes.length === 0)
    return (
      <div className={styles.explanation}>
        <h3>Not started</h3>
        <p>The cell appears when the search starts.</p>
      </div>
    );
  return (
    <div className={styles.explanation}>
      <h3>
        Nothing selected <small>{sizeOf(moment)}</small>
      </h3>
      <p>
        {`Select ${isChain(moment.nodes) ? "a block to see its sizes" : "an edge or a node to see why it is there"}${moment.head && !moment.over ? ` and to ${isChain(moment.nodes) ? "lock it" : "lock, cut or restore it"}` : ""}. Arrow keys move the selection.`}
      </p>
      <dl>
        <Figure name="Best so far" change={describeBest(view)} />
        {leader && moment.nextBecause !== "decided" && (
          <Figure
            name="Leads now"
            change={`${changeName(leader)}, ${formatQuality(leader.quality, view.metric)}`}
          />
        )}
      </dl>
      {next !== null && (
        <div className={styles.open}>
          <button type="button" className="btn small" onClick={() => selection.pick(next)}>
            {moment.nextBecause === "decided" ? "Why this cut" : `Select ${formatEdge(next)}`}
          </button>
        </div>
      )}
    </div>
  );
}

/** "12 edges"; of a chain "4 blocks, 9 layers" */
function sizeOf({ nodes, activeEdges }: Moment): string {
  const present = nodes.filter(({ removed }) => !removed);
  return isChain(present) ? describeChain(present) : plural(activeEdges.size, "edge");
}

function AnswerDetails({ answer, view, line, telemetry }: MarginNoteProps & { answer: Answer }) {
  return (
    <div className={styles.explanation}>
      <h3>
        Answer <small>{answerOrigin(view, line, answer)}</small>
      </h3>
      <p>
        {sentence(view.why)} {explainMeasurement(view, answer)}
      </p>
      <dl>
        <dt>{answerQuality(answer)}</dt>
        <dd>{formatQuality(answer.quality, answer.metric)}</dd>
        {LIMITS.filter(({ key }) => limitedValue(answer.cost, key) !== null).map(({ key, name, show }) => (
          <Figure key={key} name={name} change={show(limitedValue(answer.cost, key))} />
        ))}
      </dl>
      {telemetry?.architecture && (
        <div className={styles.open}>
          <Link className="btn solid" to={`/architectures/${telemetry.architecture}`}>
            Open architecture
          </Link>
        </div>
      )}
    </div>
  );
}

function sentence(why: string): string {
  if (!why) return "The search has ended.";
  return `The search ended: ${why.replace(/\.?$/, ".")}`;
}
