// The catalog by proxy: architectures with their scores on one dataset, and how well each proxy ranks those that were
// trained.

import { useQuery } from "@tanstack/react-query";
import clsx from "clsx";
import { Link, useSearchParams } from "react-router";
import { scoreTableOf } from "../../api/architectures";
import { useDisplayNames } from "../../api/displayNames";
import { useEngine } from "../../api/engine";
import type { Engine, ScoreTable } from "../../api/types";
import { formatBatches } from "../../format/batches";
import { formatFixed, formatInteger } from "../../format/numbers";
import { CountOf, EntryList } from "../../ui/lists/EntryList";
import { useList } from "../../ui/lists/useList";
import { Empty, Failed, Loading } from "../../ui/Notice";
import { Term } from "../../ui/Term";
import { useDocumentTitle } from "../../ui/useDocumentTitle";
import { CatalogHead } from "./CatalogHead";
import styles from "./catalog.module.css";
import { proxyTable, proxyTitle } from "./proxyTable";

const POLL_MS = 30_000; // colleagues score and train too
const ON = "scored_on";
const TAU_DIGITS = 2;

export function Component() {
  useDocumentTitle("Catalog by proxy");
  const [params] = useSearchParams();
  const table = useQuery({ ...scoreTableOf(params.get(ON)), refetchInterval: POLL_MS });
  const engine = useEngine();
  const named = engine.data !== undefined || engine.isError; // later the titles of columns would move the table
  if (table.data?.dataset && named)
    return <Scored table={table.data} dataset={table.data.dataset} engine={engine.data} />;
  return (
    <>
      <CatalogHead at="proxies">{null}</CatalogHead>
      {table.isError ? (
        <Failed what="The table of scores" error={table.error} retry={() => void table.refetch()} />
      ) : table.data && !table.data.dataset ? (
        <Empty
          action={
            <Link className="btn" to="/catalog">
              Architectures
            </Link>
          }
        >
          No architecture was scored yet. Open one and choose “Score”.
        </Empty>
      ) : (
        <Loading>Loading the scores…</Loading>
      )}
    </>
  );
}

interface ScoredProps {
  table: ScoreTable;
  dataset: string;
  engine: Engine | undefined;
}

function Scored({ table, dataset, engine }: ScoredProps) {
  const list = useList("architectures", undefined, { scored_on: dataset });
  return (
    <>
      <CatalogHead at="proxies">
        <CountOf list={list} />
        <DatasetPicker table={table} dataset={dataset} />
      </CatalogHead>
      <div className={styles.catalogPage}>
        <div className={styles.listed}>
          <EntryList
            list={list}
            definition={proxyTable(list.page.data?.results ?? [], table.proxies, engine)}
            empty={<Empty>No architecture has a score on this dataset.</Empty>}
          />
        </div>
        <aside aria-label="How well the proxies rank">
          <Ranks table={table} engine={engine} />
        </aside>
      </div>
    </>
  );
}

function DatasetPicker({ table, dataset }: { table: ScoreTable; dataset: string }) {
  const [, setParams] = useSearchParams();
  const names = useDisplayNames();
  const named = table.datasets.map(({ name }) => name);
  return (
    <label className={styles.scoredOn}>
      Scores on
      <select
        value={dataset}
        onChange={({ target }) =>
          setParams(
            (now) => {
              const next = new URLSearchParams(now);
              next.set(ON, target.value);
              next.delete("page");
              return next;
            },
            { preventScrollReset: true },
          )
        }
      >
        {(named.includes(dataset) ? named : [...named, dataset]).map((name) => (
          <option key={name} value={name}>
            {names.dataset(name)}
          </option>
        ))}
      </select>
    </label>
  );
}

interface RanksProps {
  table: ScoreTable;
  engine: Engine | undefined;
}

function Ranks({ table: { proxies, given }, engine }: RanksProps) {
  return (
    <section className="plate">
      <header>
        <h2>
          <Term name="rankCorrelation">Rank correlation</Term>
        </h2>
        <span className="sub">with the accuracy after training</span>
      </header>
      {proxies.length === 0 ? (
        <p className="q">There are no scores on this dataset.</p>
      ) : (
        <table className={styles.ranks}>
          <caption className="sr">Rank correlation of each proxy with the trained accuracy</caption>
          <thead>
            <tr>
              <th scope="col">
                <Term name="proxy">Proxy</Term>
              </th>
              <th scope="col">Tau</th>
              <th scope="col">Trained</th>
            </tr>
          </thead>
          <tbody>
            {proxies.map((each) => (
              <tr key={each.proxy}>
                <th scope="row">
                  {proxyTitle(engine, each.proxy)}
                  <span className="sub">
                    {engine?.proxies.find(({ name }) => name === each.proxy)?.about}
                  </span>
                </th>
                <td>
                  <b>{formatFixed(each.tau, TAU_DIGITS)}</b>
                </td>
                <td>
                  {formatInteger(each.both)} of {formatInteger(each.architectures)}
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
      {given && (
        <p className={clsx("sub", styles.chartNote)}>
          Scores by {formatBatches(given)}, as most here. Scores of other images are left out.
        </p>
      )}
      <p className={clsx("sub", styles.chartNote)}>
        Between scores and the best validation accuracies of models on this dataset. It takes five
        architectures that were scored and trained.
      </p>
    </section>
  );
}
