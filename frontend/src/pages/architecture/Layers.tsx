// The cell or the whole network in layers, with a table of the same. The drawing is loaded when it is first shown.
import { useQuery } from "@tanstack/react-query";
import { lazy, Suspense, useCallback, useMemo, useState } from "react";
import { api, unwrap } from "../../api/client";
import type { ArchitectureDetail, Network, Operation } from "../../api/types";
import type { Target } from "../../dag/graph";
import { nodeNumber } from "../../dag/graph";
import { cellSizes, layersOfCell } from "../../dag/layered/cell";
import { formatShape, type LayeredGraph } from "../../dag/layered/graph";
import { layersOfNetwork } from "../../dag/layered/network";
import { formatCount } from "../../format/numbers";
import { capitalise, joinWords, plural } from "../../format/text";
import type { Macro } from "../../live/events";
import { Failed, Loading } from "../../ui/Notice";
import styles from "./layers.module.css";

const LayeredView = lazy(() =>
  import("../../dag/layered/LayeredView").then((module) => ({ default: module.LayeredView })),
);

interface CellLayersProps {
  architecture: ArchitectureDetail;
  marked: number | null;
  onMark: (node: number | null) => void;
}

export function CellLayers({ architecture, marked, onMark }: CellLayersProps) {
  const { graph, macro, name } = architecture;
  const layered = useMemo(() => layersOfCell(graph, cellSizes(macro as unknown as Macro)), [graph, macro]);
  const describe = useCallback((target: Target) => describeTarget(layered, target), [layered]);
  return (
    <Drawing
      graph={layered}
      name={`${name} cell`}
      label={`Cell of ${plural(graph.nodes.length, "node")} in layers, with the sizes of its first stage. ${KEYS}`}
      describe={describe}
      marked={marked}
      onMark={onMark}
    />
  );
}

export function NetworkLayers({ architecture }: { architecture: ArchitectureDetail }) {
  const { id, name } = architecture;
  const query = useQuery({
    queryKey: ["architecture", id, "network"],
    queryFn: () => unwrap(api.GET("/api/architectures/{id}/network", { params: { path: { id } } })),
    staleTime: Number.POSITIVE_INFINITY, // an architecture never changes
  });
  if (query.data) return <LoadedNetwork network={query.data} name={name} />;
  if (query.isError)
    return <Failed what="The network" error={query.error} retry={() => void query.refetch()} />;
  return (
    <div className={styles.drawing}>
      <Loading>Loading the network…</Loading>
    </div>
  );
}

function LoadedNetwork({ network, name }: { network: Network; name: string }) {
  const layered = useMemo(() => layersOfNetwork(network), [network]);
  const [open, setOpen] = useState(false);
  const describe = useCallback(
    (target: Target) => {
      const operation = network.nodes[nodeNumber(target) ?? -1];
      const costs = operation
        ? `, ${formatCount(operation.params)} parameters, ${formatCount(operation.macs)} MACs`
        : "";
      return describeTarget(layered, target, costs);
    },
    [network, layered],
  );
  const count = plural(network.nodes.length, "operation");
  return (
    <>
      <Drawing
        graph={layered}
        name={`${name} network`}
        label={`Network of ${count} in layers, in the order in which it runs. ${KEYS}`}
        describe={describe}
      />
      <details className={styles.table} onToggle={(event) => setOpen(event.currentTarget.open)}>
        <summary>{capitalise(count)} as a table</summary>
        {open && <OperationTable network={network} />}
      </details>
    </>
  );
}

interface DrawingProps {
  graph: LayeredGraph;
  name: string;
  label: string;
  describe: (target: Target) => string;
  marked?: number | null;
  onMark?: (node: number | null) => void;
}

function Drawing({ graph, name, label, describe, marked = null, onMark }: DrawingProps) {
  const [picked, setPicked] = useState<Target | null>(null);
  const [hovered, setHovered] = useState<Target | null>(null);
  return (
    <div className={styles.drawing}>
      <Suspense fallback={<Loading>Loading the drawing…</Loading>}>
        <LayeredView
          graph={graph}
          scene={null}
          focus={hovered ?? picked ?? (marked === null ? null : String(marked))}
          chosen={picked}
          label={label}
          describe={describe}
          onHover={(target) => {
            setHovered(target);
            onMark?.(nodeNumber(target));
          }}
          onPick={setPicked}
          onKey={(key) => {
            if (key !== "Escape" || picked === null) return false;
            setPicked(null);
            return true;
          }}
          exportName={name}
        />
      </Suspense>
    </div>
  );
}

function OperationTable({ network }: { network: Network }) {
  const reads = new Map<number, number[]>();
  for (const { source, target } of network.edges) reads.set(target, [...(reads.get(target) ?? []), source]);
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: scrollable areas must be focusable
    <section className={styles.scroll} tabIndex={0} aria-label="Table of operations">
      <table>
        <caption className="sr">Operations in the order of running</caption>
        <thead>
          <tr>
            <th>Number</th>
            <th>Operation</th>
            <th>Name</th>
            <th>Output</th>
            <th>Reads</th>
            <th>Parameters</th>
            <th>MACs</th>
          </tr>
        </thead>
        <tbody>
          {network.nodes.map((each) => (
            <Row key={each.id} operation={each} reads={reads.get(each.id) ?? []} />
          ))}
        </tbody>
      </table>
    </section>
  );
}

function Row({ operation, reads }: { operation: Operation; reads: readonly number[] }) {
  const { id, op, detail, name, shape, params, macs } = operation;
  return (
    <tr>
      <td>{id}</td>
      <td>
        {op.replaceAll("_", " ")} {detail}
      </td>
      <td>{name}</td>
      <td>{formatShape(shape)}</td>
      <td>{reads.join(", ") || "–"}</td>
      <td>{formatCount(params)}</td>
      <td>{formatCount(macs)}</td>
    </tr>
  );
}

const KEYS =
  "Arrow keys move along edges, N switches between an edge and its node, Escape clears the selection.";
const MOST_NAMED = 4;

function describeTarget({ nodes, edges }: LayeredGraph, target: Target, costs = ""): string {
  const title = (id: number) => nodes.find((node) => node.id === id)?.title ?? "";
  const node = nodes.find(({ id }) => id === nodeNumber(target));
  if (node) {
    const ends = (near: "source" | "target", far: "source" | "target") => {
      const ids = edges.filter((edge) => edge[near] === node.id).map((edge) => title(edge[far]));
      return ids.length > MOST_NAMED ? String(ids.length) : joinWords(ids);
    };
    const [reads, feeds] = [ends("target", "source"), ends("source", "target")];
    const output = node.detail && `, output ${node.detail}`;
    return `${capitalise(node.title)} (${node.name})${output}${costs}${reads && `; reads ${reads}`}${feeds && `; feeds ${feeds}`}.`;
  }
  const edge = edges.find(({ id }) => id === target);
  return edge ? `From ${title(edge.source)} to ${title(edge.target)}${edge.size && `: ${edge.size}`}.` : "";
}
