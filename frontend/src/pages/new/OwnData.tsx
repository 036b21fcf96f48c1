// Uploading data without leaving the form: the form is kept while the file is sent and read.

import type { Upload } from "../../api/types";
import { AcceptedFormats } from "../../panels/uploads/AcceptedFormats";
import { UploadForm } from "../../panels/uploads/UploadForm";
import { UploadList } from "../../panels/uploads/UploadList";
import { Dialog } from "../../ui/Dialog";
import { useUploadProgress, useUploads } from "../../upload/useUploads";
import styles from "./options.module.css";

interface OwnDialogProps {
  onClose: () => void;
  onStarted: (upload: Upload) => void;
}

/** A sibling of the form, not a child, because forms cannot be nested. */
export function OwnDialog({ onClose, onStarted }: OwnDialogProps) {
  return (
    <Dialog title="Your own dataset" className={styles.ownData} onClose={onClose}>
      <UploadForm
        onStarted={(upload) => {
          onStarted(upload);
          onClose();
        }}
      />
      <AcceptedFormats />
      <div className="answers">
        <button type="button" className="btn" onClick={onClose}>
          Cancel
        </button>
      </div>
    </Dialog>
  );
}

interface OwnUploadsProps {
  /** uploads started from this form, finished ones included */
  begun: ReadonlySet<string>;
  chosen: string;
  onChoose: (name: string) => void;
}

export function OwnUploads({ begun, chosen, onChoose }: OwnUploadsProps) {
  const uploads = useUploads();
  const own = useUploadProgress();
  const shown = (uploads.data ?? []).filter(
    ({ id, status }) => begun.has(id) || (own.has(id) && status !== "done"),
  );
  if (shown.length === 0) return null;
  return (
    <div className={styles.uploads}>
      <UploadList
        uploads={shown}
        onReady={(dataset) =>
          dataset === chosen ? (
            <span className="ok">Selected</span>
          ) : (
            <button type="button" className="btn small" onClick={() => onChoose(dataset)}>
              Use this dataset
            </button>
          )
        }
      />
    </div>
  );
}
