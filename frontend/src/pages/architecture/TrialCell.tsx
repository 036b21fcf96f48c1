// The cell, and what it would cost without the part under the pointer. In a trial the user toggles edges and changes
// operations and sees the total against a budget; nothing is saved.
import clsx from "clsx";
import { useMemo, useState } from "react";
import type { ArchitectureDetail, Edit, Engine } from "../../api/types";
import { completeGraph } from "../../dag/CellPicture";
import { describeBlock, describeChain, isBlock, isChain, nodeName } from "../../dag/chain/blocks";
import { CellDrawing } from "../../dag/Drawing";
import {
  canLeave,
  type DagNode,
  nodeNumber,
  opName,
  type Scene,
  type Target,
  widthOf,
} from "../../dag/graph";
import { LIMITS, limitedValue } from "../../format/costs";
import { formatSigned } from "../../format/numbers";
import { formatEdge, plural } from "../../format/text";
import type { Cost, Macro } from "../../live/events";
import { errorMessage } from "../../ui/Notice";
import { type Cell, describeExceeded } from "../../whatif/edits";
import { applyEdits, availableOps, cellOfGraph, removeNode, setOp, toggleEdge } from "../../whatif/trial";
import { useTrial } from "../../whatif/useTrial";
import { useWhatIf, type WhatIf } from "../../whatif/useWhatIf";
import { kindOf } from "./dataKind";
import { isOfCells } from "./macro";
import { OWN, TrialTotals } from "./TrialTotals";
import styles from "./trial.module.css";

interface TrialCellProps {
  architecture: ArchitectureDetail;
  engine: Engine | undefined;
  marked: number | null;
  onMark: (node: number | null) => void;
  trying: boolean;
}

export function TrialCell({ architecture, engine, marked, onMark, trying }: TrialCellProps) {
  const { graph } = architecture;
  const macro = architecture.macro as unknown as Macro;
  const isCell = isOfCells(macro);
  const whole = useMemo(() => (isCell ? completeGraph(graph) : graph), [graph, isCell]);
  const [edits, setEdits] = useState<readonly Edit[]>([]);
  const [limits, setLimits] = useState<string>("");
  const [hovered, setHovered] = useState<Target | null>(null);
  const [picked, setPicked] = useState<Target | null>(null);
  const made = trying ? edits : NO_EDITS;
  const budget = trying ? budgetOf(limits, architecture, engine) : null;
  const trial = useTrial(graph, macro, budget, made);
  const cell = useMemo(
    () => (trial.total ? cellOfGraph(whole, trial.total.graph) : applyEdits(whole, graph, made)),
    [whole, graph, made, trial.total],
  );
  const whatIf = useWhatIf(cell, macro, budget);
  const focus = hovered ?? picked ?? (marked === null ? null : String(marked));
  const scene = useMemo(() => sceneOf(cell, focus), [cell, focus]);
  const hover = (target: Target | null) => {
    setHovered(target);
    onMark(nodeNumber(target));
  };
  const toggle = (target: Target | null) => {
    setPicked(target);
    if (!trying || target === null || nodeNumber(target) !== null) return;
    const edge = whole.edges.find((each) => each.id === target);
    const present = new Set(graph.nodes.map((node) => node.id));
    if (edge && present.has(edge.source) && present.has(edge.target))
      setEdits(toggleEdge(edits, target, cell.activeEdges.has(target)));
  };
  return (
    <>
      <div className={styles.trying}>
        <CellDrawing
          graph={whole}
          side={macro.kind === "text" ? null : (macro.input[1] ?? null)}
          scene={scene}
          label={labelOf(cell, trying)}
          onHover={hover}
          onPick={toggle}
          onWalk={setPicked}
          onKey={(key) => {
            if (key === "Escape") setPicked(null);
            else if (key === "Enter" && focus !== null) toggle(focus);
            else return false;
            return true;
          }}
        />
      </div>
      {!isChain(whole.nodes) && (
        <Pointed
          target={focus}
          cell={cell}
          whatIf={whatIf}
          now={trial.total?.cost ?? null}
          limited={budget !== null}
        />
      )}
      {trying && (
        <>
          <NodeEdit
            node={cell.nodes.find(({ id }) => id === nodeNumber(picked))}
            kind={kindOf(architecture)}
            onOp={(node, op) =>
              setEdits(setOp(edits, node, op, graph.nodes.find(({ id }) => id === node)?.op ?? ""))
            }
            onRemove={(node) => setEdits(removeNode(edits, node))}
          />
          <TrialTotals
            architecture={architecture}
            profiles={engine?.device_profiles ?? []}
            limits={limits}
            onLimits={setLimits}
            budget={budget}
            edits={edits.length}
            trial={trial}
            onReset={() => setEdits([])}
            onUndo={() => setEdits(edits.slice(0, -1))}
          />
          {trial.error && (
            <p className="over" role="alert">
              {errorMessage(trial.error)}
            </p>
          )}
        </>
      )}
    </>
  );
}

const NO_EDITS: readonly Edit[] = [];

function budgetOf(limits: string, { budget }: ArchitectureDetail, engine: Engine | undefined) {
  if (limits === OWN) return budget;
  return engine?.device_profiles.find(({ name }) => name === limits)?.budget ?? null;
}

function sceneOf({ whole, activeEdges, nodes }: Cell, focus: Target | null): Scene {
  const present = new Map(nodes.map((node) => [node.id, node]));
  const feeds = new Set(whole.edges.filter(({ id }) => activeEdges.has(id)).map(({ source }) => source));
  return {
    focus,
    edges: whole.edges.map(({ id, source, target }) => {
      const active = activeEdges.has(id);
      const label = `Edge ${source} to ${target}, ${active ? "active" : "not in the cell"}`;
      return {
        id,
        state: active ? "active" : "removed",
        importance: active ? 0 : null,
        tests: 3,
        pending: false,
        label,
      };
    }),
    nodes: whole.nodes.map(({ id, op }) => {
      const node = present.get(id);
      const now = node?.op ?? op;
      const leaf = node !== undefined && canLeave(now) && !feeds.has(id);
      const width = widthOf(node?.attrs);
      const operation = node && isBlock(node) ? describeBlock(node) : opName(now);
      const what = width === null ? operation : `${operation}, width ${width}`;
      const label = `${nodeName(node ?? { id, op })}, ${node ? what : "not in the cell"}`;
      return {
        ...{ id, op: node ? now : "", attrs: node?.attrs ?? {}, width, removed: !node, leaf },
        ...{ locked: false, pending: false, label },
      };
    }),
  };
}

function labelOf({ activeEdges, nodes }: Cell, trying: boolean): string {
  const does = trying ? "Enter removes or restores the edge" : "The line below shows the change in cost";
  if (isChain(nodes)) return `Chain of ${describeChain(nodes)}. Arrow keys move along the blocks.`;
  const what = `Cell of ${plural(nodes.length, "node")} and ${plural(activeEdges.size, "edge")}`;
  return `${what}. Arrow keys move along edges, N switches between an edge and its node. ${does}.`;
}

interface PointedProps {
  target: Target | null;
  cell: Cell;
  whatIf: WhatIf;
  now: Cost | null;
  limited: boolean;
}

/** One line: the cost without the part under the pointer, or with it restored. Not of chains, whose blocks stay. */
function Pointed({ target, cell, whatIf, now, limited }: PointedProps) {
  if (target === null)
    return (
      <p className={clsx("sub", styles.pointed)} data-testid="pointed">
        Point at an edge or a node to see the cost of the network without it.
      </p>
    );
  const node = nodeNumber(target);
  const name = node === null ? formatEdge(target) : `node ${node}`;
  const active = node === null ? cell.activeEdges.has(target) : true;
  const price = whatIf.prices.get(target);
  const head = `${active ? "Without" : "With"} ${name}`;
  if (!price?.cost || !now) {
    const why = price?.whyNot ?? (whatIf.pending ? "calculating…" : "not available");
    return (
      <p className={styles.pointed} data-testid="pointed">
        <b>{head}</b> <span className="q">{why}</span>
      </p>
    );
  }
  const { cost, over } = price;
  const edges = price.edges.filter((id) => id !== target).length;
  const nodes = price.nodes.filter((id) => id !== node).length;
  return (
    <p className={styles.pointed} data-testid="pointed" data-target={target}>
      <b>{head}</b>{" "}
      {LIMITS.flatMap(({ key, inline, show }) => {
        const [from, to] = [limitedValue(now, key), limitedValue(cost, key)];
        return from === null || to === null ? [] : [`${formatSigned(to - from, show)} ${inline}`];
      }).join(", ")}
      {active && edges + nodes > 0 && (
        <span className="q">
          {" "}
          with{" "}
          {[edges > 0 && plural(edges, "edge"), nodes > 0 && plural(nodes, "node")]
            .filter(Boolean)
            .join(" and ")}
        </span>
      )}
      {limited && <span className={over.length > 0 ? "over" : "ok"}> {describeExceeded(over, limited)}</span>}
    </p>
  );
}

interface NodeEditProps {
  node: DagNode | undefined;
  kind: "image" | "text";
  onOp: (node: number, op: string) => void;
  onRemove: (node: number) => void;
}

function NodeEdit({ node, kind, onOp, onRemove }: NodeEditProps) {
  if (!node || node.op === "input")
    return (
      <p className={clsx("sub", styles.nodeEdit)}>
        Click an edge to remove or restore it. Select a node to change its operation.
      </p>
    );
  return (
    <p className={styles.nodeEdit}>
      <label htmlFor="trial-op">Operation of node {node.id}</label>
      <select id="trial-op" value={node.op} onChange={(event) => onOp(node.id, event.target.value)}>
        {availableOps(kind, node.op).map((op) => (
          <option key={op} value={op}>
            {opName(op)}
          </option>
        ))}
      </select>
      <button type="button" className="btn small cut" onClick={() => onRemove(node.id)}>
        Remove node
      </button>
    </p>
  );
}
