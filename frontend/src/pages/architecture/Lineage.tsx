// Where an architecture came from: links and thumbnails back to the step of its search.

import { useQuery } from "@tanstack/react-query";
import { Link } from "react-router";
import { useDisplayNames } from "../../api/displayNames";
import type { ArchitectureDetail } from "../../api/types";
import { isChain } from "../../dag/chain/blocks";
import { CellThumbnail } from "../../dag/Thumbnail";
import type { Attrs, NodeRow, Snapshot } from "../../live/events";
import { partsOfSnapshot } from "../../live/graphView";
import { emptyHistory, type History, recall } from "../../live/history";
import { lineOf } from "../../live/line";
import { fetchHistory, fetchSnapshot } from "../../live/pages";
import { graphOfNodes, wholeGraph } from "../../search-view/moment";
import { Term } from "../../ui/Term";
import styles from "./architecture.module.css";
import { milestonesOf } from "./lineage";

export function Lineage({ architecture }: { architecture: ArchitectureDetail }) {
  const { lineage, source } = architecture;
  if (!lineage) {
    return (
      <section className="plate">
        <header>
          <h2>Source</h2>
        </header>
        <p>{source}</p>
        <p className="sub">{describeOrigin(architecture)}</p>
      </section>
    );
  }
  return <SearchLineage architecture={architecture} lineage={lineage} />;
}

function describeOrigin({ kind, metric }: ArchitectureDetail): string {
  return kind === "scaled"
    ? `The same cell in a network of another size. Its ${metric} is unknown until it is trained.`
    : `Published architecture, for reference. The ${metric} was reported by its authors, on their data.`;
}

interface LineageProps {
  architecture: ArchitectureDetail;
  lineage: NonNullable<ArchitectureDetail["lineage"]>;
}

function SearchLineage({ architecture, lineage }: LineageProps) {
  const { search, step, branch } = lineage;
  const record = useQuery({
    queryKey: ["search-lineage", search],
    queryFn: () => fetchLineage(search),
    staleTime: 60_000,
  });
  const base = `/searches/${search}?step=`;
  return (
    <section className="plate">
      <header>
        <h2>Lineage</h2>
        <span className="sub">{lineage.search_name}</span>
        <Link className="sub end" to={`${base}${step}`}>
          Open at step {step}
        </Link>
      </header>
      {/* If the log cannot be read, the link above still works, so no error is shown. */}
      {record.data && <Milestones architecture={architecture} {...record.data} {...{ step, branch, base }} />}
      <p className="sub">
        <Term name="branch">Branch</Term> {branch}, <Term name="step">step</Term> {step}
      </p>
    </section>
  );
}

/** The search as it is now, and how it got there; null before its first turn. */
async function fetchLineage(id: string) {
  const [snapshot, events] = await Promise.all([fetchSnapshot(id), fetchHistory(id)]);
  return snapshot && { snapshot, history: events.reduce(recall, emptyHistory()) };
}

interface MilestonesProps {
  architecture: ArchitectureDetail;
  snapshot: Snapshot;
  history: History;
  branch: number;
  step: number;
  base: string;
}

function Milestones({ architecture, snapshot, history, branch, step, base }: MilestonesProps) {
  const names = useDisplayNames();
  const graph = wholeGraph(partsOfSnapshot(snapshot));
  const { nodes, edges } = architecture.graph;
  const own = {
    live: new Set(edges.map(({ id }) => id)),
    nodes: nodes.map(
      ({ id, op, rank, attrs = {}, cell = 0 }): NodeRow => [id, op, rank, attrs as Attrs, cell],
    ),
  };
  return (
    <ol className={styles.moments}>
      {milestonesOf(snapshot, lineOf(history, branch), step, own, names.strategy).map((moment) => (
        <li key={`${moment.kind}-${moment.step}-${moment.title}`} data-kind={moment.kind}>
          {isChain(graph.nodes) ? (
            <CellThumbnail graph={graphOfNodes(moment.nodes)} width={36} height={36} />
          ) : (
            <CellThumbnail graph={graph} live={moment.live} form="matrix" height={36} />
          )}
          <p>
            <b>{moment.title}</b>
            <span className="sub">
              <Link to={`${base}${moment.step}`}>step {moment.step}</Link>
              {moment.note && `, ${moment.note}`}
            </span>
          </p>
        </li>
      ))}
    </ol>
  );
}
