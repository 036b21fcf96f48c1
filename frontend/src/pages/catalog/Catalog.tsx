// The catalog of architectures: one list and one chart with a shared selection.

import clsx from "clsx";
import { useState } from "react";
import { Link, useSearchParams } from "react-router";
import { useDisplayNames } from "../../api/displayNames";
import type { ArchitectureRow } from "../../api/types";
import { Pareto, type ParetoPoint } from "../../charts/Pareto";
import { paretoFront } from "../../charts/paretoFront";
import { COSTS, type CostKey, costOf } from "../../format/costs";
import { plural } from "../../format/text";
import { measuredQuality } from "../../ui/architecture/claim";
import { filtersOf } from "../../ui/lists/address";
import { CountOf, EntryList } from "../../ui/lists/EntryList";
import { useList } from "../../ui/lists/useList";
import { Empty } from "../../ui/Notice";
import { Term } from "../../ui/Term";
import { useDocumentTitle } from "../../ui/useDocumentTitle";
import { CatalogHead } from "./CatalogHead";
import { CompareBar, useCompared } from "./Compared";
import styles from "./catalog.module.css";
import { architectureTable } from "./columns";
import { chartedRows, datasetOf } from "./comparableRows";
import { useCharted } from "./useCharted";

export function Component() {
  useDocumentTitle("Catalog");
  const list = useList("architectures");
  const best = useCharted(filtersOf(list.address), list.facets);
  const [cost, setCost] = useCost();
  const names = useDisplayNames();
  const [marked, setMarked] = useState<string | null>(null);
  const compared = useCompared();

  const rows = list.page.data?.results ?? [];
  const known = [...rows, ...best];
  const dataset = datasetOf(known);
  const shown = chartedRows(known, dataset);
  const points = pointsOf(shown, cost);
  const metric = shown[0]?.metric ?? "accuracy";
  const lower = metric === "perplexity";
  const words = COSTS.find(({ key }) => key === cost) ?? COSTS[0];
  return (
    <>
      <CatalogHead at="architectures">
        <CountOf list={list} />
      </CatalogHead>
      <div className={styles.catalogPage}>
        <div className={styles.listed}>
          <EntryList
            list={list}
            definition={architectureTable(rows, new Set(paretoFront(points, lower)), compared)}
            marked={marked}
            onMark={setMarked}
            empty={
              <Empty
                action={
                  <Link className="btn" to="/searches/new">
                    New search
                  </Link>
                }
              >
                No architectures yet. Each finished search adds its best architecture here.
              </Empty>
            }
          />
          <CompareBar compared={compared} rows={known} />
        </div>
        <aside aria-label="Quality against cost">
          <section className="plate">
            <header>
              <h2>
                <Term name={metric}>{lower ? "Perplexity" : "Accuracy"}</Term> against
              </h2>
              <CostPicker cost={cost} onPick={setCost} />
            </header>
            {points.length > 0 && words ? (
              <>
                <Pareto
                  points={points}
                  metric={metric}
                  cost={words.name}
                  showCost={words.show}
                  marked={marked}
                  onMark={setMarked}
                />
                <p className={clsx("sub", styles.chartNote)}>
                  {dataset && names.dataset(dataset)}, validation {metric} of {plural(points.length, "cell")},
                  each as its search trained it{lower && ", lower is better"}. Ring: on the{" "}
                  <Term name="front">Pareto front</Term>.
                </p>
              </>
            ) : (
              <p className={clsx("q", styles.chartNote)}>No measured results to show.</p>
            )}
          </section>
        </aside>
      </div>
    </>
  );
}

const DEFAULT_COST: CostKey = "macs";

/** The cost of the chart, in the URL beside the filters of the list. */
function useCost(): [CostKey, (cost: CostKey) => void] {
  const [params, setParams] = useSearchParams();
  const cost = COSTS.find(({ key }) => key === params.get("cost"))?.key ?? DEFAULT_COST;
  const pick = (to: CostKey) =>
    setParams(
      (now) => {
        const next = new URLSearchParams(now);
        if (to === DEFAULT_COST) next.delete("cost");
        else next.set("cost", to);
        return next;
      },
      { replace: true, preventScrollReset: true },
    );
  return [cost, pick];
}

function pointsOf(rows: readonly ArchitectureRow[], cost: CostKey): ParetoPoint[] {
  return rows.map((row) => ({
    id: row.id,
    name: row.name,
    x: costOf(row.cost, cost),
    y: measuredQuality(row) ?? 0,
  }));
}

function CostPicker({ cost, onPick }: { cost: CostKey; onPick: (cost: CostKey) => void }) {
  return (
    <fieldset className="seg">
      <legend className="sr">Cost on the chart</legend>
      {COSTS.map(({ key, name }) => (
        <button type="button" key={key} aria-pressed={key === cost} onClick={() => onPick(key)}>
          {name}
        </button>
      ))}
    </fieldset>
  );
}
