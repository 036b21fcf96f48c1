// The catalog of architectures: one table and one chart with a shared selection.

import clsx from "clsx";
import { useDeferredValue, useEffect, useState } from "react";
import { Link, useSearchParams } from "react-router";
import { useDisplayNames } from "../../api/displayNames";
import type { ArchitectureRow } from "../../api/types";
import { Pareto, type ParetoPoint } from "../../charts/Pareto";
import { paretoFront } from "../../charts/paretoFront";
import { COSTS, type CostKey, costOf } from "../../format/costs";
import { plural } from "../../format/text";
import { measuredQuality } from "../../ui/architecture/claim";
import { Empty, Failed, Loading } from "../../ui/Notice";
import { Term } from "../../ui/Term";
import { useDocumentTitle } from "../../ui/useDocumentTitle";
import { type Address, readAddress, writeAddress } from "./address";
import { CatalogTable } from "./CatalogTable";
import styles from "./catalog.module.css";
import { chartedRows, datasetOf } from "./comparableRows";
import { Pager } from "./Pager";
import { useCatalogPage, useMostAccurate } from "./useCatalog";

export function Component() {
  useDocumentTitle("Catalog");
  const [params, setParams] = useSearchParams();
  const address = readAddress(params);
  const go = (change: Partial<Address>, replace = false) =>
    setParams(writeAddress(address, change), { replace, preventScrollReset: true });
  const page = useCatalogPage(address);
  const best = useMostAccurate(address.text);
  const names = useDisplayNames();
  const [marked, setMarked] = useState<string | null>(null);

  const rows = page.data?.results ?? [];
  const known = [...rows, ...best];
  const dataset = datasetOf(known);
  const shown = chartedRows(known, dataset);
  const points = pointsOf(shown, address.cost);
  const metric = shown[0]?.metric ?? "accuracy";
  const lower = metric === "perplexity";
  const words = COSTS.find(({ key }) => key === address.cost) ?? COSTS[0];
  return (
    <>
      <div className={clsx("page-head", styles.catalogHead)}>
        <div>
          <h1>Catalog</h1>
          <p className="sub" role="status">
            {page.data ? plural(page.data.count, "architecture") : page.isError ? "" : "Loading…"}
            {address.text && page.data ? ` matching “${address.text}”` : ""}
          </p>
        </div>
        <SearchBox text={address.text} onChange={(text) => go({ text }, true)} />
      </div>
      {page.isError && rows.length === 0 ? (
        <Failed what="The catalog" error={page.error} retry={() => void page.refetch()} />
      ) : !page.data ? (
        <Loading>Loading the catalog…</Loading>
      ) : rows.length === 0 ? (
        <NoMatches text={address.text} onClear={() => go({ text: "" })} />
      ) : (
        <div className={styles.catalogPage}>
          <section className={styles.list} aria-label="Architectures" aria-busy={page.isPlaceholderData}>
            {page.isError && (
              <Failed what="The next page" error={page.error} retry={() => void page.refetch()} />
            )}
            <CatalogTable
              rows={rows}
              front={new Set(paretoFront(points, lower))}
              ordering={address.sort}
              marked={marked}
              names={names}
              onOrder={(sort) => go({ sort })}
              onMark={setMarked}
            />
            <Pager page={address.page} answer={page.data} onPage={(to) => go({ page: to })} />
          </section>
          <aside aria-label="Comparison">
            <section className="plate">
              <header>
                <h2>
                  <Term name={metric}>{lower ? "Perplexity" : "Accuracy"}</Term> against
                </h2>
                <CostPicker cost={address.cost} onPick={(cost) => go({ cost }, true)} />
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
                    {dataset && names.dataset(dataset)}, validation {metric} of{" "}
                    {plural(points.length, "cell")}
                    {lower && ", lower is better"}. Ring: on the <Term name="front">Pareto front</Term>.
                  </p>
                </>
              ) : (
                <p className={clsx("q", styles.chartNote)}>No measured results to show.</p>
              )}
            </section>
          </aside>
        </div>
      )}
    </>
  );
}

function pointsOf(rows: readonly ArchitectureRow[], cost: CostKey): ParetoPoint[] {
  return rows.map((row) => ({
    id: row.id,
    name: row.name,
    x: costOf(row.cost, cost),
    y: measuredQuality(row) ?? 0,
  }));
}

/** The text is written to the URL after a pause; the query follows the URL. */
function SearchBox({ text, onChange }: { text: string; onChange: (text: string) => void }) {
  const [typed, setTyped] = useState(text);
  const deferred = useDeferredValue(typed);
  // Browser navigation changes the URL from outside.
  // biome-ignore lint/correctness/useExhaustiveDependencies: react to the URL only
  useEffect(() => {
    if (text !== typed.trim()) setTyped(text);
  }, [text]);
  // biome-ignore lint/correctness/useExhaustiveDependencies: react to typing only
  useEffect(() => {
    if (deferred.trim() === text) return;
    const timer = setTimeout(() => onChange(deferred.trim()), 250);
    return () => clearTimeout(timer);
  }, [deferred]);
  return (
    <div className={styles.find}>
      <input
        type="search"
        placeholder="Name, notes, tag or source"
        aria-label="Search the catalog"
        value={typed}
        onChange={(event) => setTyped(event.target.value)}
      />
    </div>
  );
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

function NoMatches({ text, onClear }: { text: string; onClear: () => void }) {
  if (text) {
    return (
      <Empty
        action={
          <button type="button" className="btn" onClick={onClear}>
            Clear the search
          </button>
        }
      >
        No architecture has “{text}” in its name, notes, tags or source.
      </Empty>
    );
  }
  return (
    <Empty
      action={
        <Link className="btn" to="/searches/new">
          New search
        </Link>
      }
    >
      No architectures yet. Each finished search adds its best architecture here.
    </Empty>
  );
}
