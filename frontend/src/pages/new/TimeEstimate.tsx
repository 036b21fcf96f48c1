// How long the search will take, and what that is based on. Without a basis, the reason and a measurement on a worker.

import { useQueryClient } from "@tanstack/react-query";
import { api, unwrap } from "../../api/client";
import { useReadOnly } from "../../api/currentUser";
import { useMutation } from "../../api/mutations";
import type { Estimate, SearchRequest } from "../../api/types";
import { formatInteger, MISSING } from "../../format/numbers";
import { errorMessage } from "../../ui/Notice";
import { scoresText, sharingText, timeOfGroup, timeText, trainingsText, workersText } from "./estimateText";
import styles from "./review.module.css";

interface TimeEstimateProps {
  estimate: Estimate | undefined;
  /** searches of the group */
  repeats: number;
  /** candidates are scored, and so many finalists trained; null: all are trained */
  finalists: number | null;
  /** what would be measured; null while the form is not valid */
  request: SearchRequest | null;
}

export function TimeEstimate({ estimate, repeats, finalists, request }: TimeEstimateProps) {
  if (!estimate)
    return (
      <dl className={styles.factsList}>
        <dt>Time</dt>
        <dd>{MISSING}</dd>
      </dl>
    );
  const { seconds, why, workers, sharing, trainings } = estimate;
  return (
    <dl className={styles.factsList}>
      <dt>{repeats > 1 ? "Time of one search, estimated" : "Time, estimated"}</dt>
      <dd>
        {seconds ? <b>{timeText(seconds)}</b> : "unknown"}
        {seconds && sharing > 0 && <p>{sharingText(sharing)}</p>}
        <p className="sub">
          {why}{" "}
          {seconds &&
            `Counted: ${finalists === null ? trainingsText(trainings) : scoresText(trainings, finalists)}.`}
        </p>
        {!seconds && workers.length > 0 && <Measure probe={estimate.probe} request={request} />}
      </dd>
      {seconds && repeats > 1 && (
        <>
          <dt>Time of all {formatInteger(repeats)}</dt>
          <dd>
            <b>{timeOfGroup(seconds, repeats)}</b>
            <p className="sub">They share the workers.</p>
          </dd>
        </>
      )}
      {workers.length > 0 && (
        <>
          <dt>Runs on</dt>
          <dd>{workersText(workers)}</dd>
        </>
      )}
    </dl>
  );
}

const UNDER_WAY: Readonly<Record<string, string>> = {
  queued: "Waiting for a free worker…",
  running: "A worker tries the smallest and the largest cell for a few seconds…",
};

function Measure({ probe, request }: { probe: Estimate["probe"]; request: SearchRequest | null }) {
  const queries = useQueryClient();
  const readOnly = useReadOnly();
  const measure = useMutation({
    mutationFn: (body: SearchRequest) => unwrap(api.POST("/api/searches/probe", { body })),
    onSuccess: () => queries.invalidateQueries({ queryKey: ["preview"] }),
  });
  const progress = probe === null ? undefined : UNDER_WAY[probe];
  return (
    <div className={styles.measure}>
      {progress === undefined && (
        <button
          type="button"
          className="btn small"
          disabled={request === null || measure.isPending}
          onClick={() => request && measure.mutate(request)}
          {...readOnly}
        >
          Measure on a worker
        </button>
      )}
      <p className="sub" role="status">
        {progress ?? (probe === "failed" ? "The last measurement failed." : "")}
      </p>
      {measure.error && (
        <p className="over" role="alert">
          {errorMessage(measure.error)}
        </p>
      )}
    </div>
  );
}
