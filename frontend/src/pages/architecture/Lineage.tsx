// Back to the step that made it.
import { useQuery } from "@tanstack/react-query";
import { Link } from "react-router";
import { api, unwrap } from "../../api/client";
import type { ArchitectureDetail } from "../../api/types";
import { Triangle } from "../../dag/Thumb";
import type { View } from "../../live/events";
import { momentsOf } from "./lineage";

export function Lineage({ architecture }: { architecture: ArchitectureDetail }) {
  const { lineage, source } = architecture;
  if (!lineage) {
    return (
      <section className="plate">
        <header>
          <h2>Source</h2>
        </header>
        <p>{source}</p>
        <p className="sub">A published entry, for reference: its accuracy is the authors', on their data.</p>
      </section>
    );
  }
  const to = `/searches/${lineage.search}?step=${lineage.step}`;
  return (
    <section className="plate">
      <header>
        <h2>Lineage</h2>
        <span className="sub">{lineage.search_name}</span>
        <Link className="sub end" to={to}>
          Open at step {lineage.step}
        </Link>
      </header>
      <Moments search={lineage.search} step={lineage.step} base={`/searches/${lineage.search}?step=`} />
      <p className="sub">
        Branch {lineage.branch}, round {lineage.round}, event {lineage.seq}
      </p>
    </section>
  );
}

function Moments({ search, step, base }: { search: string; step: number; base: string }) {
  const record = useQuery({
    queryKey: ["search-view", search],
    queryFn: () => unwrap(api.GET("/api/searches/{id}/view", { params: { path: { id: search } } })),
    staleTime: 60_000,
  });
  // The link above leads there all the same, so a record that cannot be read takes nothing away.
  if (!record.data) return null;
  const view = record.data.view as unknown as View;
  const graph = { nodes: view.nodes, edges: view.edges };
  return (
    <ol className="moments">
      {momentsOf(view, step).map((moment) => (
        <li key={`${moment.kind}-${moment.step}-${moment.title}`} className={moment.kind}>
          <Triangle graph={graph} live={moment.live} size={36} />
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
