// The list of uploads: progress, status and actions of each.

import { useQueryClient } from "@tanstack/react-query";
import clsx from "clsx";
import { type ReactNode, useCallback, useEffect, useRef, useState } from "react";
import { Link } from "react-router";
import { api, unwrap } from "../../api/client";
import { useReadOnly } from "../../api/currentUser";
import { useMutation } from "../../api/mutations";
import type { Upload } from "../../api/types";
import { Announcer } from "../../ui/Announcer";
import { ConfirmDialog } from "../../ui/ConfirmDialog";
import { errorMessage } from "../../ui/Notice";
import { StatusGlyph } from "../../ui/StatusGlyph";
import track from "../../ui/track.module.css";
import { useRetainedFocus } from "../../ui/useRetainedFocus";
import type { Progress } from "../../upload/sender";
import { isSameFile } from "../../upload/uploads";
import { useUploadProgress, windowUploads } from "../../upload/useUploads";
import { ACCEPTED } from "./DropZone";
import styles from "./upload.module.css";
import { describeUpload, isReadInterrupted } from "./uploadStatus";

interface UploadListProps {
  uploads: readonly Upload[];
  /** the action on a finished dataset; by default a link to its page */
  onReady?: ((dataset: string) => ReactNode) | undefined;
}

export function UploadList({ uploads, onReady }: UploadListProps) {
  const own = useUploadProgress();
  const { news, onAnnounced } = useNews(uploads);
  return (
    <>
      <ul aria-label="Uploads">
        {uploads.map((upload) => (
          <Row key={upload.id} upload={upload} own={own.get(upload.id)} onReady={onReady} />
        ))}
      </ul>
      <Announcer onAnnounced={onAnnounced}>{news}</Announcer>
    </>
  );
}

const NEWS: Partial<Record<Upload["status"], string>> = {
  waiting: "is waiting for a worker",
  ingesting: "is being read",
  done: "is ready",
  refused: "was refused",
};

/** Status changes since the last announcement. The initial state and progress numbers are not announced. */
function useNews(uploads: readonly Upload[]): { news: string; onAnnounced: () => void } {
  const known = useRef<ReadonlyMap<string, string> | null>(null);
  const unannounced = useRef(new Map<string, string>());
  const [news, setNews] = useState("");
  useEffect(() => {
    const before = known.current;
    known.current = new Map(uploads.map(({ id, status }) => [id, status]));
    if (before === null) return;
    const changed = uploads.filter(({ id, status }) => NEWS[status] && before.get(id) !== status);
    for (const { id, name, status } of changed) unannounced.current.set(id, `${name} ${NEWS[status]}`);
    if (changed.length > 0) setNews([...unannounced.current.values()].join(". "));
  }, [uploads]);
  const onAnnounced = useCallback(() => unannounced.current.clear(), []);
  return { news, onAnnounced };
}

interface RowProps extends Pick<UploadListProps, "onReady"> {
  upload: Upload;
  own: Progress | undefined;
}

function Row({ upload, own, onReady }: RowProps) {
  const { glyph, words, share } = describeUpload(upload, own);
  const verbs = useRetainedFocus<HTMLDivElement>();
  return (
    <li className={styles.uploadRow} data-status={upload.status}>
      <StatusGlyph status={glyph} size={18} className={styles.glyph} />
      <div className={styles.what}>
        <b>{upload.title}</b>
        <span className="sub">
          {upload.name}, {upload.created_by}
        </span>
      </div>
      <div className={styles.rowVerbs} ref={verbs} tabIndex={-1}>
        <Verbs upload={upload} own={own} onReady={onReady} />
      </div>
      {share !== null && (
        <div
          className={clsx(track.track, track.thin, styles.progress)}
          role="progressbar"
          aria-label={upload.title}
          aria-valuemin={0}
          aria-valuemax={100}
          aria-valuenow={Math.floor(share * 100)}
        >
          <i className={track.fit} style={{ left: 0, width: `${share * 100}%` }} />
        </div>
      )}
      <p className={clsx(styles.words, glyph === "failed" && styles.failed)}>{words}</p>
    </li>
  );
}

function Verbs({ upload, own, onReady }: RowProps) {
  const readOnly = useReadOnly();
  if (upload.status === "done") {
    if (upload.dataset === null) return null;
    return onReady?.(upload.dataset) ?? <Link to={`/datasets/${upload.dataset}`}>Open</Link>;
  }
  if (isReadInterrupted(upload)) {
    return (
      <>
        <ReadAgain upload={upload} />
        <Cancel upload={upload} />
      </>
    );
  }
  const phase = upload.status === "receiving" ? own?.phase : undefined;
  return (
    <>
      {phase === "sending" && (
        <button
          type="button"
          className="btn small"
          onClick={() => windowUploads.pause(upload.id)}
          {...readOnly}
        >
          Pause
        </button>
      )}
      {phase === "waiting" && (
        <button
          type="button"
          className="btn small"
          onClick={() => windowUploads.retryNow(upload.id)}
          {...readOnly}
        >
          Retry now
        </button>
      )}
      {(phase === "paused" || phase === "refused") && (
        <button
          type="button"
          className="btn small"
          onClick={() => windowUploads.start(upload.id)}
          {...readOnly}
        >
          {phase === "paused" ? "Resume" : "Try again"}
        </button>
      )}
      {upload.status === "receiving" && !own && !readOnly && <ChooseAgain upload={upload} />}
      <Cancel upload={upload} />
    </>
  );
}

function ReadAgain({ upload }: { upload: Upload }) {
  const readOnly = useReadOnly();
  const queries = useQueryClient();
  const again = useMutation({
    mutationFn: () => unwrap(api.POST("/api/uploads/{id}/finish", { params: { path: { id: upload.id } } })),
    onSettled: () => queries.invalidateQueries({ queryKey: ["uploads"] }),
  });
  return (
    <>
      <button
        type="button"
        className="btn small"
        disabled={again.isPending}
        onClick={() => again.mutate()}
        {...readOnly}
      >
        Read again
      </button>
      {again.isError && (
        <span className="over" role="alert">
          {errorMessage(again.error)}
        </span>
      )}
    </>
  );
}

/** After a reload the page has lost the file, but the server keeps what it received. */
function ChooseAgain({ upload }: { upload: Upload }) {
  const [error, setWrong] = useState("");
  return (
    <>
      <label className={clsx("btn small", styles.choose)}>
        <input
          type="file"
          accept={ACCEPTED}
          aria-label={`Select ${upload.name} again to continue`}
          onChange={(event) => {
            const file = event.target.files?.[0];
            event.target.value = "";
            if (!file) return;
            if (!isSameFile(file, upload)) {
              setWrong(
                `This is a different file. Select ${upload.name} as it was, or cancel this upload and start over.`,
              );
            } else windowUploads.resume(file, upload);
          }}
        />
        Continue
      </label>
      {error && (
        <span className="over" role="alert">
          {error}
        </span>
      )}
    </>
  );
}

/** Dismisses a refused upload, or cancels one in progress, which asks first. */
function Cancel({ upload }: { upload: Upload }) {
  const [confirming, setConfirming] = useState(false);
  const readOnly = useReadOnly();
  const queries = useQueryClient();
  const cancel = useMutation({
    mutationFn: () => windowUploads.cancel(upload.id),
    onSettled: () => queries.invalidateQueries({ queryKey: ["uploads"] }),
  });
  const over = upload.status === "refused";
  return (
    <>
      <button
        type="button"
        className="btn small quiet"
        disabled={cancel.isPending}
        onClick={() => (over ? cancel.mutate() : setConfirming(true))}
        {...readOnly}
      >
        {over ? "Dismiss" : "Cancel"}
      </button>
      {cancel.isError && (
        <span className="over" role="alert">
          {errorMessage(cancel.error)}
        </span>
      )}
      <ConfirmDialog
        open={confirming}
        title={`Cancel ${upload.title}?`}
        yes="Cancel upload"
        no="Keep uploading"
        onAnswer={(yes) => {
          setConfirming(false);
          if (yes) cancel.mutate();
        }}
      >
        The data received so far is deleted.
      </ConfirmDialog>
    </>
  );
}
