// The cost of each part, and which part determines the peak memory.

import clsx from "clsx";
import type { ArchitectureDetail } from "../../api/types";
import { opName } from "../../dag/graph";
import { costOf } from "../../format/costs";
import { formatBytes, formatCount } from "../../format/numbers";
import { Term } from "../../ui/Term";
import styles from "./architecture.module.css";

interface CostTableProps {
  architecture: ArchitectureDetail;
  marked: number | null;
  onMark: (node: number | null) => void;
}

export function CostTable({ architecture, marked, onMark }: CostTableProps) {
  const { per_node: parts, graph, cost } = architecture;
  const most = (key: "params" | "macs" | "peak") => Math.max(1, ...parts.map((part) => part[key]));
  const top = { params: most("params"), macs: most("macs"), peak: most("peak") };
  const takes = (node: number) =>
    graph.edges.filter((edge) => edge.target === node).map((edge) => edge.source);
  const opOf = (id: number) => opName(graph.nodes.find((node) => node.id === id)?.op ?? "");
  const peak = costOf(cost, "peak_memory");
  return (
    <table className={styles.costs}>
      <caption className="sr">Cost per part of the network</caption>
      <thead>
        <tr>
          <th scope="col">
            <Term name="operation">Operation</Term>
          </th>
          <th scope="col" className={styles.takes}>
            Inputs
          </th>
          <th scope="col">
            <Term name="params">Parameters</Term>
          </th>
          <th scope="col">
            <Term name="macs">MACs</Term>
          </th>
          <th scope="col">
            <Term name="liveMemory">Live memory</Term>
          </th>
        </tr>
      </thead>
      <tbody>
        {parts.map((part) => (
          <tr
            key={part.name}
            className={part.node !== null && part.node === marked ? styles.on : undefined}
            onPointerEnter={() => onMark(part.node)}
            onPointerLeave={() => onMark(null)}
          >
            <th scope="row">
              {part.node === null ? (
                part.name
              ) : (
                <>
                  <b>{part.node}</b> {opOf(part.node)}
                </>
              )}
            </th>
            <td className={clsx("q", styles.takes)}>
              {part.node === null ? "" : takes(part.node).join(", ")}
            </td>
            <Barred
              text={formatCount(part.params)}
              share={part.params / top.params}
              quiet={part.node === null}
            />
            <Barred text={formatCount(part.macs)} share={part.macs / top.macs} quiet={part.node === null} />
            <Barred
              text={formatBytes(part.peak)}
              share={part.peak / top.peak}
              quiet={part.node === null}
              peak={part.peak >= peak}
            />
          </tr>
        ))}
      </tbody>
      <tfoot>
        <tr>
          <th scope="row">Network</th>
          <td className={styles.takes} />
          <td>{formatCount(cost.params)}</td>
          <td>{formatCount(cost.macs)}</td>
          <td>{formatBytes(peak)}</td>
        </tr>
      </tfoot>
    </table>
  );
}

function Barred({
  text,
  share,
  quiet,
  peak = false,
}: {
  text: string;
  share: number;
  quiet: boolean;
  peak?: boolean;
}) {
  return (
    <td className={peak ? styles.peak : undefined}>
      {text}
      {peak && (
        <span>
          {" "}
          <span aria-hidden="true">▲</span>
          <span className="sr">peak</span>
        </span>
      )}
      {share > 0 && (
        <i className={quiet ? styles.quiet : undefined} style={{ width: `${Math.max(2, share * 100)}%` }} />
      )}
    </td>
  );
}
