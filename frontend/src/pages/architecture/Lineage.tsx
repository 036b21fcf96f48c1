// Where an architecture came from: links and thumbnails back to the step of its search.

import { useQuery } from "@tanstack/react-query";
import { Link } from "react-router";
import { api, unwrap } from "../../api/client";
import { useDisplayNames } from "../../api/displayNames";
import type { ArchitectureDetail } from "../../api/types";
import { MatrixThumbnail } from "../../dag/Thumbnail";
import type { View } from "../../live/events";
import { Term } from "../../ui/Term";
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
  const record = useQuery({
    queryKey: ["search-view", lineage.search],
    queryFn: () => unwrap(api.GET("/api/searches/{id}/view", { params: { path: { id: lineage.search } } })),
    staleTime: 60_000,
  });
  const view = record.data?.view as View | undefined;
  const { step } = lineage;
  const base = `/searches/${lineage.search}?step=`;
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
      {view && <Milestones architecture={architecture} view={view} step={step} base={base} />}
      <p className="sub">
        <Term name="branch">Branch</Term> {lineage.branch}, <Term name="step">step</Term> {lineage.step}
      </p>
    </section>
  );
}

interface MilestonesProps {
  architecture: ArchitectureDetail;
  view: View;
  step: number;
  base: string;
}

function Milestones({ architecture, view, step, base }: MilestonesProps) {
  const names = useDisplayNames();
  const graph = { nodes: view.nodes, edges: view.edges };
  const own = new Set(architecture.graph.edges.map(({ id }) => id));
  return (
    <ol className="moments">
      {milestonesOf(view, step, own, names.strategy).map((moment) => (
        <li key={`${moment.kind}-${moment.step}-${moment.title}`} className={moment.kind}>
          <MatrixThumbnail graph={graph} live={moment.live} size={36} />
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
