// Peak activation memory, computed in three ways, each explained.

import clsx from "clsx";
import type { ArchitectureDetail } from "../../api/types";
import { formatBytes, formatNumber } from "../../format/numbers";
import { EXPORTED_BYTES, precisionName } from "../../format/precision";
import { Term } from "../../ui/Term";
import styles from "./scale.module.css";

interface PeakMemoryProps {
  peak: ArchitectureDetail["cost"]["peak_memory"];
  /** bytes of an element, at which it is counted */
  bytes: number;
}

export function PeakMemory({ peak, bytes }: PeakMemoryProps) {
  const exact = peak.exact ?? true;
  return (
    <section className="plate" aria-label="Peak memory">
      <header>
        <h2>
          <Term name="peak_memory">Peak memory</Term>
        </h2>
        <span className="sub">of {precisionName(bytes)} activations, counted in three ways</span>
      </header>
      <dl className={styles.peaks}>
        <dt>Largest single operation</dt>
        <dd>{formatBytes(peak.io)}</dd>
        <dd className={clsx("sub", styles.about)}>
          Input and output of one operation, as papers often report it.
        </dd>
        <dt>Network in file order</dt>
        <dd>{formatBytes(peak.live)}</dd>
        <dd className={clsx("sub", styles.about)}>
          Everything in memory at once when operations run in the order of the file.
        </dd>
        {peak.optimal !== null && (
          <>
            <dt>
              Network in the best order <span className="tag">{exact ? "exact" : "best found"}</span>
            </dt>
            <dd>
              <b>{formatBytes(peak.optimal)}</b>
            </dd>
            <dd className={clsx("sub", styles.about)}>
              {exact
                ? "No other order needs less memory."
                : "Another order may need less; the search for it was stopped early."}{" "}
              Exported models run in this order, and limits apply to this value.
            </dd>
          </>
        )}
      </dl>
      {bytes !== EXPORTED_BYTES && (
        <p className="sub">
          Exported files compute in {precisionName(EXPORTED_BYTES)}, which takes{" "}
          {formatNumber(EXPORTED_BYTES / bytes)} times as much.
        </p>
      )}
    </section>
  );
}
