// The cell as tables of edges and nodes, with the same keys and the same details as the drawing.

import { describeBlock, isBlock, isChain, nodeName } from "../../dag/chain/blocks";
import { opName, type Target } from "../../dag/graph";
import type { QualityMetric } from "../../format/numbers";
import type { Moment } from "../../search-view/moment";
import { describeCutTime } from "../../search-view/removal";
import dataTable from "../../ui/dataTable.module.css";
import { Term } from "../../ui/Term";
import type { Prices } from "../../whatif/edits";
import styles from "./cell.module.css";
import { EdgeTable } from "./EdgeTable";
import { PendingLabel } from "./PendingLabel";
import { PickButton } from "./PickButton";

interface CellTablesProps {
  metric: QualityMetric;
  moment: Moment;
  prices: Prices;
  focus: Target | null;
  pick: (target: Target | null) => void;
  onKey: (key: string, target?: Target) => boolean;
}

export function CellTables(props: CellTablesProps) {
  const chain = isChain(props.moment.nodes); // whose edges only lead from block to block
  const label = chain ? "Table of blocks" : "Tables of edges and nodes";
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: scrollable areas must be focusable
    <section className={styles.scroll} tabIndex={0} aria-label={label}>
      {!chain && <EdgeTable {...props} />}
      <NodeTable {...props} />
    </section>
  );
}

function NodeTable({ moment, focus, pick, onKey }: CellTablesProps) {
  const active = moment.edges.filter((edge) => edge.state !== "removed");
  const chain = isChain(moment.nodes);
  const wide = moment.nodes.some((node) => node.width !== null);
  return (
    <table className={dataTable.table}>
      <caption className="sr">
        {chain ? "Blocks, from the input to the output" : "Nodes, with the number of edges that remain"}
      </caption>
      <thead>
        <tr>
          <th>{chain ? "Block" : <Term name="node">Node</Term>}</th>
          <th>
            <Term name="operation">Operation</Term>
          </th>
          {wide && (
            <th className={dataTable.n}>
              <Term name="width">Width</Term>
            </th>
          )}
          <th>State</th>
          {!chain && <th className={dataTable.n}>Edges in</th>}
          {!chain && <th className={dataTable.n}>Edges out</th>}
        </tr>
      </thead>
      <tbody>
        {moment.nodes.map((node) => {
          const target = String(node.id);
          const state = node.removed ? "removed" : node.locked ? "locked" : "active";
          return (
            <tr key={node.id} className={target === focus ? dataTable.on : undefined} data-state={state}>
              <td>
                <PickButton target={target} on={target === focus} pick={pick} onKey={onKey}>
                  {nodeName(node)}
                </PickButton>
              </td>
              <td>{isBlock(node) ? describeBlock(node) : opName(node.op)}</td>
              {wide && <td className={dataTable.n}>{node.width ?? "–"}</td>}
              <td>
                <span className={styles.state}>{node.removed ? describeCutTime(node) : state}</span>
                <PendingLabel command={node.pendingCommand} />
              </td>
              {!chain && (
                <td className={dataTable.n}>{active.filter((edge) => edge.target === node.id).length}</td>
              )}
              {!chain && (
                <td className={dataTable.n}>{active.filter((edge) => edge.source === node.id).length}</td>
              )}
            </tr>
          );
        })}
      </tbody>
    </table>
  );
}
