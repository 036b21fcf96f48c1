// Peak activation memory, computed in three ways, each explained.
import type { ArchitectureDetail } from "../../api/types";
import { formatMemory } from "../../format/units";

type Peak = ArchitectureDetail["cost"]["peak_memory"];

export function PeakMemory({ peak }: { peak: Peak }) {
  const exact = peak.exact ?? true;
  return (
    <section className="plate" aria-label="Peak memory, three ways">
      <header>
        <h2>Peak memory</h2>
        <span className="sub">activations, batch 1, weights not counted</span>
      </header>
      <dl className="peaks">
        <dt>In and out of one operation</dt>
        <dd>{formatMemory(peak.io)}</dd>
        <dd className="sub">The largest input and output of a single operation, as papers often count.</dd>
        <dt>Live, in file order</dt>
        <dd>{formatMemory(peak.live)}</dd>
        <dd className="sub">All that must be held at once when operations run in the order of the file.</dd>
        {peak.optimal !== null && (
          <>
            <dt>
              Live, in the best order <span className="tag">{exact ? "exact" : "best found"}</span>
            </dt>
            <dd>
              <b>{formatMemory(peak.optimal)}</b>
            </dd>
            <dd className="sub">
              {exact
                ? "No other order needs less."
                : "The search for a better order was cut off; another may need less."}{" "}
              The trained module and the exports run in it, and limits are held against it.
            </dd>
          </>
        )}
      </dl>
    </section>
  );
}
