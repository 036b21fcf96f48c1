// Scores of the architecture by proxies: of the network before any training.

import { useQuery, useQueryClient } from "@tanstack/react-query";
import clsx from "clsx";
import { useState } from "react";
import { scoresOf } from "../../api/architectures";
import { api, unwrap } from "../../api/client";
import { useReadOnly } from "../../api/currentUser";
import { useDisplayNames } from "../../api/displayNames";
import { useMutation } from "../../api/mutations";
import type { ArchitectureDetail, Dataset, Engine, Score } from "../../api/types";
import { formatBatches } from "../../format/batches";
import { formatDateTime } from "../../format/dates";
import { formatQuality, formatSeconds } from "../../format/numbers";
import { errorMessage, Failed } from "../../ui/Notice";
import { Term } from "../../ui/Term";
import { kindOf } from "./dataKind";
import { ScoreForm } from "./ScoreForm";
import styles from "./scores.module.css";

const POLL_MS = 1_500; // a score takes seconds, and the user waits for it

interface ScoresProps {
  architecture: ArchitectureDetail;
  engine: Engine | undefined;
  datasets: readonly Dataset[] | undefined;
}

export function Scores({ architecture, engine, datasets }: ScoresProps) {
  const [asking, setAsking] = useState(false);
  const readOnly = useReadOnly();
  const images = kindOf(architecture) === "image";
  const query = useQuery({
    ...scoresOf(architecture.id),
    enabled: images,
    refetchInterval: ({ state }) => (state.data?.some(waits) ? POLL_MS : false),
  });
  const rows = query.data ?? [];
  return (
    <section className="plate" aria-label="Scores">
      <header>
        <h2>Scores</h2>
        <span className="sub">
          of the untrained network, by <Term name="proxy">proxies</Term>
        </span>
        {images && (
          <button
            type="button"
            className="btn small end"
            disabled={!engine || !datasets}
            onClick={() => setAsking(true)}
            {...readOnly}
          >
            Score
          </button>
        )}
      </header>
      {!images && <p className="q">Proxies score image networks. Train a language model instead.</p>}
      {query.isError && <Failed what="The scores" error={query.error} retry={() => void query.refetch()} />}
      {query.data && rows.length === 0 && <p className="q">Not scored yet.</p>}
      {engine && rows.length > 0 && <Table architecture={architecture.id} rows={rows} engine={engine} />}
      {asking && engine && datasets && (
        <ScoreForm
          architecture={architecture}
          engine={engine}
          datasets={datasets}
          onClose={() => setAsking(false)}
        />
      )}
    </section>
  );
}

function waits({ status }: Score): boolean {
  return status === "waiting";
}

interface TableProps {
  architecture: string;
  rows: readonly Score[];
  engine: Engine;
}

function Table({ architecture, rows, engine }: TableProps) {
  const names = useDisplayNames();
  const readOnly = useReadOnly();
  const queries = useQueryClient();
  const remove = useMutation({
    mutationFn: (score: string) =>
      unwrap(
        api.DELETE("/api/architectures/{id}/scores/{score}", {
          params: { path: { id: architecture, score } },
        }),
      ),
    onSettled: () => queries.invalidateQueries(scoresOf(architecture)),
  });
  const titleOf = (name: string) => engine.proxies.find((each) => each.name === name)?.title ?? name;
  return (
    <>
      <table className={styles.scores}>
        <caption className="sr">Scores by proxy</caption>
        <thead>
          <tr>
            <th scope="col">Proxy</th>
            <th scope="col" className={styles.n}>
              Value
            </th>
            <th scope="col">Dataset</th>
            <th scope="col" className={styles.n}>
              Time
            </th>
            <th scope="col">When</th>
            <th scope="col">
              <span className="sr">Actions</span>
            </th>
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <tr key={row.id} data-status={row.status}>
              <th scope="row">{titleOf(row.proxy)}</th>
              <Value row={row} />
              <td data-label="Dataset">
                {names.dataset(row.dataset)}
                <span className={clsx("sub", styles.given)}>{row.batch_size > 0 && formatBatches(row)}</span>
              </td>
              <td className={styles.n} data-label="Time">
                {formatSeconds(row.seconds)}
              </td>
              <td data-label="When">
                {formatDateTime(row.created_at)}
                <span className={clsx("sub", styles.given)}>{row.created_by}</span>
              </td>
              <td className={styles.act}>
                <button
                  type="button"
                  className="btn quiet small"
                  disabled={remove.isPending}
                  onClick={() => remove.mutate(row.id)}
                  {...readOnly}
                >
                  {waits(row) ? "Cancel" : "Remove"}
                  <span className="sr"> {titleOf(row.proxy)}</span>
                </button>
              </td>
            </tr>
          ))}
        </tbody>
      </table>
      {remove.isError && (
        <p className="over" role="alert">
          {errorMessage(remove.error)}
        </p>
      )}
    </>
  );
}

function Value({ row }: { row: Score }) {
  if (row.status === "done")
    return (
      <td className={styles.n}>
        <b>{formatQuality(row.value, "proxy")}</b>
      </td>
    );
  return (
    <td className={clsx(styles.state, row.status === "failed" ? "over" : "q")} role="status">
      {row.error ?? "waiting for a worker"}
    </td>
  );
}
