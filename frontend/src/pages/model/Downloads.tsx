// A model's files for download: size, checksum, and for exports the measured difference from torch.

import clsx from "clsx";
import { useEngine } from "../../api/engine";
import type { ModelFile, TrainedModel } from "../../api/types";
import { formatBytes, formatDifference } from "../../format/numbers";
import { plural, shortenChecksum } from "../../format/text";
import styles from "./model.module.css";

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
          <span className={clsx("sub", styles.check)}>{explainMissing(model)}</span>
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

function explainMissing({ status }: TrainedModel): string {
  if (status === "finished" || status === "stopped") return "Being exported and verified";
  return status === "failed"
    ? "Not available, because the training failed"
    : "Available when the training ends";
}
