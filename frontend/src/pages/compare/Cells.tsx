// Both cells side by side, and what differs between them in words.
import { useMemo } from "react";
import type { ArchitectureDetail } from "../../api/types";
import { CellPicture } from "../../dag/CellPicture";
import { describeChain, describeNode, isChain } from "../../dag/chain/blocks";
import type { DagEdge, DagGraph, DagNode } from "../../dag/graph";
import { formatInteger } from "../../format/numbers";
import { formatEdge, joinWords, plural } from "../../format/text";
import { Term } from "../../ui/Term";
import styles from "./compare.module.css";
import {
  type CellDiff,
  type Comparability,
  comparabilityOf,
  countOperations,
  diffCells,
  unionOf,
} from "./diff";

interface Both {
  a: ArchitectureDetail;
  b: ArchitectureDetail;
}

export function Cells({ a, b }: Both) {
  const kind = comparabilityOf(a, b);
  const diff = useMemo(() => (kind === "places" ? diffCells(a.graph, b.graph) : null), [kind, a, b]);
  const union = useMemo(() => unionOf(a.graph, b.graph), [a, b]);
  const sides = [
    { side: "A", architecture: a, edges: diff?.edges.a },
    { side: "B", architecture: b, edges: diff?.edges.b },
  ] as const;
  return (
    <section className="plate">
      <header>
        <h2>
          <Term name="cell">Cells</Term>
        </h2>
      </header>
      <p>{diff ? summary(diff) : WHY[kind]}</p>
      <div className={styles.pictures}>
        {sides.map(({ side, architecture: { name, graph }, edges }) => (
          <figure key={side}>
            <figcaption>
              <b>{side}</b> {name} <span className="sub">{sizeOf(graph)}</span>
            </figcaption>
            <CellPicture
              graph={graph}
              {...(edges && { within: union, distinct: new Set(edges.map(({ id }) => id)) })}
            />
          </figure>
        ))}
      </div>
      {diff && (
        <p className="sub">
          Thick: only in this cell. Thin: in both. Dotted: only in the other cell. Edges run from left to
          right.
        </p>
      )}
      {diff ? <Differences diff={diff} /> : kind !== "equal" && <OperationCounts a={a} b={b} />}
    </section>
  );
}

function sizeOf({ nodes, edges }: DagGraph): string {
  if (isChain(nodes)) return describeChain(nodes);
  return `${plural(edges.length, "edge")}, ${plural(nodes.length, "node")}`;
}

const NOT_BY_PLACE = "so their nodes and edges cannot be compared one by one";
const WHY: Readonly<Record<Comparability, string>> = {
  equal: "Both have the same cell. They differ in the network around it, or in how they were trained.",
  places: "",
  "other-space": `The cells are from different search spaces, ${NOT_BY_PLACE}.`,
  "other-settings": `The cells are from one search space with different settings, ${NOT_BY_PLACE}.`,
  "unknown-space": `It is not known that the cells are from one search space, as one was published or its search was deleted, ${NOT_BY_PLACE}.`,
};

function summary({ shared, edges, nodes, changed }: CellDiff): string {
  const parts = [
    `${plural(shared, "edge")} in both`,
    `${formatInteger(edges.a.length)} only in A`,
    `${formatInteger(edges.b.length)} only in B`,
  ];
  const others = [
    nodes.a.length + nodes.b.length > 0 &&
      `${plural(nodes.a.length + nodes.b.length, "node is", "nodes are")} in one only`,
    changed.length > 0 && `${plural(changed.length, "node has", "nodes have")} another operation`,
  ].filter((text) => text !== false);
  return `${joinWords(parts)}${others.length > 0 ? `; ${joinWords(others)}` : ""}.`;
}

function Differences({ diff: { edges, nodes, changed } }: { diff: CellDiff }) {
  return (
    <dl className={styles.differences}>
      <dt>Edges only in A</dt>
      <dd>{listEdges(edges.a)}</dd>
      <dt>Edges only in B</dt>
      <dd>{listEdges(edges.b)}</dd>
      <dt>Nodes only in A</dt>
      <dd>{listNodes(nodes.a)}</dd>
      <dt>Nodes only in B</dt>
      <dd>{listNodes(nodes.b)}</dd>
      <dt>Other operations</dt>
      <dd>
        {changed.length === 0
          ? NONE
          : changed
              .map(({ a, b }) => `node ${a.id}: ${describeNode(a)} in A, ${describeNode(b)} in B`)
              .join("; ")}
      </dd>
    </dl>
  );
}

const NONE = "none";

function listEdges(edges: readonly DagEdge[]): string {
  return edges.map(({ id }) => formatEdge(id)).join(", ") || NONE;
}

function listNodes(nodes: readonly DagNode[]): string {
  return nodes.map((node) => `${node.id} (${describeNode(node)})`).join(", ") || NONE;
}

function OperationCounts({ a, b }: Both) {
  return (
    <table className={styles.table}>
      <caption className="sr">How often each cell has an operation</caption>
      <thead>
        <tr>
          <th scope="col">Operation</th>
          <th scope="col">Nodes in A</th>
          <th scope="col">Nodes in B</th>
        </tr>
      </thead>
      <tbody>
        {countOperations(a.graph, b.graph).map((count) => (
          <tr key={count.op}>
            <th scope="row">{count.op}</th>
            <td data-label="Nodes in A">{formatInteger(count.a)}</td>
            <td data-label="Nodes in B">{formatInteger(count.b)}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
