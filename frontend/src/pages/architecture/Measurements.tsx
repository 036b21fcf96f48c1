// Latency measurements of an architecture, and the form for a new one.

import { useQuery, useQueryClient } from "@tanstack/react-query";
import clsx from "clsx";
import { useState } from "react";
import { measurementsOf } from "../../api/architectures";
import { api, unwrap } from "../../api/client";
import { useReadOnly } from "../../api/currentUser";
import { useMutation } from "../../api/mutations";
import type { Measurement } from "../../api/types";
import { formatDateTime } from "../../format/dates";
import { formatLatency } from "../../format/numbers";
import { plural } from "../../format/text";
import { DeviceSelect } from "../../ui/DeviceSelect";
import { errorMessage, Failed } from "../../ui/Notice";
import { Term } from "../../ui/Term";
import styles from "./scale.module.css";

const POLL_MS = 1_500; // a measurement takes seconds, and the user waits for it

export function Measurements({ architecture }: { architecture: string }) {
  const [device, setDevice] = useState<string | null>(null);
  const readOnly = useReadOnly();
  const queries = useQueryClient();
  const path = { id: architecture };
  const query = useQuery({
    ...measurementsOf(architecture),
    refetchInterval: ({ state }) => (state.data?.some(isMoving) ? POLL_MS : false),
  });
  const measure = useMutation({
    mutationFn: () =>
      unwrap(api.POST("/api/architectures/{id}/measurements", { params: { path }, body: { device } })),
    onSuccess: () => queries.invalidateQueries(measurementsOf(architecture)),
  });
  const rows = query.data ?? [];
  return (
    <section className="plate" aria-label="Latency">
      <header>
        <h2>
          <Term name="latency">Latency</Term>
        </h2>
      </header>
      {query.isError && (
        <Failed what="The measurements" error={query.error} retry={() => void query.refetch()} />
      )}
      {rows.length > 0 && <Table rows={rows} />}
      {query.data && rows.length === 0 && <p className="q">Not measured yet.</p>}
      <form
        className={styles.measure}
        onSubmit={(event) => {
          event.preventDefault();
          measure.mutate();
        }}
      >
        <label htmlFor="measure-on">Measure on</label>
        <DeviceSelect id="measure-on" device={device} onDevice={setDevice} />
        <button type="submit" className="btn small" disabled={measure.isPending} {...readOnly}>
          {measure.isPending ? "Sending…" : "Measure latency"}
        </button>
      </form>
      {measure.isError && (
        <p className="over" role="alert">
          {errorMessage(measure.error)}
        </p>
      )}
    </section>
  );
}

function isMoving({ status }: Measurement): boolean {
  return status === "queued" || status === "running";
}

const WORDS: Readonly<Record<string, string>> = {
  queued: "waiting for the device",
  running: "being measured",
};

function Table({ rows }: { rows: readonly Measurement[] }) {
  return (
    <table className={styles.measured}>
      <thead>
        <tr>
          <th scope="col">Device</th>
          <th scope="col" className={styles.n}>
            Median
          </th>
          <th scope="col" className={styles.n}>
            <Term name="spread">10th–90th</Term>
          </th>
        </tr>
      </thead>
      <tbody>
        {rows.map((row) => (
          <tr key={row.id} data-status={row.status}>
            <th scope="row">
              {row.device?.name ?? "This server"}
              <span className={clsx("sub", styles.about)}>{about(row)}</span>
            </th>
            {row.latency ? (
              <>
                <td className={styles.n}>
                  <b>{formatLatency(row.latency.median)}</b>
                </td>
                <td className={styles.n}>
                  {formatLatency(row.latency.low)} to {formatLatency(row.latency.high)}
                </td>
              </>
            ) : (
              <td className={row.status === "failed" ? "over" : "q"} colSpan={2} role="status">
                {row.error ?? WORDS[row.status] ?? row.status}
              </td>
            )}
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function about({ latency, created_at, created_by }: Measurement): string {
  const who = `${created_by}, ${formatDateTime(created_at)}`;
  if (!latency) return who;
  const threads = plural(latency.threads, "thread");
  return `${latency.device}, ${threads}, ${latency.runtime}; ${who}`;
}
