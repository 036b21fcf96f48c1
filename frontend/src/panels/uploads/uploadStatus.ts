// The status of an upload as text: from this window's transfer if there is one, else from the server.
import type { Upload } from "../../api/types";
import { formatDuration } from "../../format/dates";
import { formatBytes, formatInteger } from "../../format/numbers";
import type { Progress } from "../../upload/sender";

export interface UploadStatus {
  /** a status of StatusGlyph */
  readonly glyph: "running" | "waiting" | "paused" | "finished" | "failed";
  readonly words: string;
  /** 0 to 1; null if unknown */
  readonly share: number | null;
}

/** The upload is complete, but reading it failed for a reason other than the file, so it can be retried. */
export const isReadInterrupted = ({ status, received, bytes, why }: Upload): boolean =>
  status === "receiving" && received === bytes && why !== "";

export function describeUpload(upload: Upload, own: Progress | undefined): UploadStatus {
  if (isReadInterrupted(upload)) return { glyph: "failed", words: upload.why, share: null };
  if (upload.status === "receiving" && own) return describeSending(own);
  switch (upload.status) {
    case "receiving":
      return {
        glyph: "paused",
        words: `${sizes(upload.received, upload.bytes)} received`,
        share: upload.received / upload.bytes,
      };
    case "waiting":
      return { glyph: "waiting", words: "Uploaded. Waiting for a worker", share: null };
    case "ingesting":
      return describeReading(upload);
    case "refused":
      return { glyph: "failed", words: upload.why, share: null };
    default:
      return { glyph: "finished", words: upload.why || "Ready", share: null };
  }
}

function describeSending({
  phase,
  sent,
  bytes,
  reason,
  disconnected,
  retryIn,
  rate,
}: Progress): UploadStatus {
  const share = sent / Math.max(1, bytes);
  const far = sizes(sent, bytes);
  switch (phase) {
    case "sending": {
      const left = rate ? `, ${formatDuration((bytes - sent) / rate)} left` : "";
      return { glyph: "running", words: sent < bytes ? `${far}${left}` : `${far}, finishing`, share };
    }
    case "waiting": {
      const next = retryIn === null ? "" : ` Next attempt in ${formatDuration(retryIn)}.`;
      const what = disconnected ? "No connection. Waiting" : "Waiting";
      return { glyph: "waiting", words: `${what} at ${far}. ${reason}${next}`, share };
    }
    case "paused":
      return { glyph: "paused", words: `Paused at ${far}`, share };
    case "refused":
      return { glyph: "failed", words: reason, share };
    case "sent":
      return { glyph: "waiting", words: "Uploaded. Waiting for a worker", share: null };
    case "cancelled":
      return { glyph: "failed", words: "Cancelled", share: null };
  }
}

function describeReading({ progress }: Upload): UploadStatus {
  if (!progress) return { glyph: "running", words: "Opening the file", share: null };
  const words = progress.images > 0 ? `Reading images, ${formatInteger(progress.images)} so far` : "Reading";
  return { glyph: "running", words, share: Math.min(1, progress.share) };
}

function sizes(part: number, whole: number): string {
  return `${formatBytes(part)} of ${formatBytes(whole)}`;
}

/** The default title: the file's name without its extensions. */
export function proposedTitle(file: string): string {
  return file.replace(/\.(tar\.(gz|xz)|tgz|txz|tar|zip|npz|txt|tokens)$/i, "").trim();
}
