// A model's files for download: size, checksum, and for exports the measured difference from torch.

import clsx from "clsx";
import { useReadOnly } from "../../api/currentUser";
import { useEngine } from "../../api/engine";
import type { ModelExport, ModelFile, TrainedModel } from "../../api/types";
import { formatBytes, formatDifference } from "../../format/numbers";
import { plural, shortenChecksum } from "../../format/text";
import { rejectionMessage } from "../../ui/Notice";
import styles from "./model.module.css";
import { useModelCommand } from "./useModel";

export function Downloads({ model }: { model: TrainedModel }) {
  const engine = useEngine();
  const titleOf = (format: string) =>
    engine.data?.exports.find((each) => each.format === format)?.title ?? format;
  const waiting = (engine.data?.exports ?? []).filter(
    ({ format }) => !model.files.some((file) => file.format === format),
  );
  return (
    <ul className={styles.downloads}>
      {model.files.map((file) => (
        <Download key={file.format} model={model.id} file={file} title={titleOf(file.format)} />
      ))}
      {waiting.map(({ format, title }) => (
        <li key={format}>
          <b>{title}</b>
          <Missing model={model} pending={model.exports.find((each) => each.format === format)} />
        </li>
      ))}
    </ul>
  );
}

function Download({ model, file, title }: { model: string; file: ModelFile; title: string }) {
  return (
    <li>
      <span>
        <b>{title}</b> <span className="sub">{file.name}</span>
      </span>
      <a className="btn small" href={`/api/models/${model}/files/${file.format}`} download={file.name}>
        Download<span className="sr"> {title},</span> {formatBytes(file.bytes)}
      </a>
      <span className={styles.check}>
        {file.check ? (
          <span className="ok">
            ✓ Verified with {file.check.runtime} on {plural(file.check.rows, "input")}, largest difference{" "}
            {formatDifference(file.check.max_difference)}
          </span>
        ) : (
          <span className="sub">
            {file.format === "architecture"
              ? "The cell and the network around it, as JSON"
              : "Weights of the best epoch"}
          </span>
        )}
        <span className="mono sub" title={`SHA-256 ${file.sha256}`}>
          {shortenChecksum(file.sha256)}
        </span>
      </span>
    </li>
  );
}

/** Why a file is not there yet. */
function Missing({ model, pending }: { model: TrainedModel; pending: ModelExport | undefined }) {
  if (pending?.status === "failed") return <FailedExport model={model} error={pending.error} />;
  return (
    <span className={clsx("sub", styles.check)}>
      {pending ? explainPending(pending, model) : explainMissing(model)}
    </span>
  );
}

function explainPending({ status }: ModelExport, { running_on }: TrainedModel): string {
  if (status === "queued") return "Waits for a worker that exports it";
  return `Being exported and verified${running_on ? ` by ${running_on.worker}` : ""}`;
}

function explainMissing({ status }: TrainedModel): string {
  if (status === "failed") return "Not available, because the training failed";
  return status === "stopped"
    ? "Not available: the training was stopped before its first epoch"
    : "Available when the training ends";
}

function FailedExport({ model, error }: { model: TrainedModel; error: string | null }) {
  const send = useModelCommand(model.id);
  const readOnly = useReadOnly();
  return (
    <>
      <button
        type="button"
        className="btn small"
        disabled={send.isPending}
        onClick={() => send.mutate("export")}
        {...readOnly}
      >
        Export again
      </button>
      <span className={clsx("over", styles.check)} role="alert">
        {send.isError ? rejectionMessage(send.error) : `The export failed: ${error ?? "no reason is known"}`}
      </span>
    </>
  );
}
