// The page of datasets: the list, uploads in progress, and the upload form.
import clsx from "clsx";
import { useRef, useState } from "react";
import { useReadOnly } from "../../api/currentUser";
import type { Upload } from "../../api/types";
import { AcceptedFormats } from "../../panels/uploads/AcceptedFormats";
import { UploadForm } from "../../panels/uploads/UploadForm";
import { UploadList } from "../../panels/uploads/UploadList";
import { CountOf, EntryList } from "../../ui/lists/EntryList";
import { useList } from "../../ui/lists/useList";
import { Empty, Failed } from "../../ui/Notice";
import { useDocumentTitle } from "../../ui/useDocumentTitle";
import { useUploadProgress, useUploads } from "../../upload/useUploads";
import { DATASETS } from "./columns";
import styles from "./datasets.module.css";

export function Component() {
  useDocumentTitle("Datasets");
  const list = useList("datasets");
  const uploads = useUploads();
  const readOnly = useReadOnly();
  const panel = useRef<HTMLElement>(null);
  const [begun, setBegun] = useState("");
  const shown = useShownUploads(uploads.data ?? []);
  const choose = () => {
    panel.current?.scrollIntoView({ block: "nearest" });
    const input = panel.current?.querySelector<HTMLElement>('input[type="file"]');
    if (input) input.click();
    else panel.current?.querySelector<HTMLElement>("input, button")?.focus();
  };
  return (
    <>
      <header className="page-head">
        <h1>Datasets</h1>
        <CountOf list={list} />
        <div className="end">
          <button type="button" className="btn" onClick={choose} {...readOnly}>
            Upload a dataset
          </button>
        </div>
      </header>
      <div className={styles.datasetsPage}>
        <div className={styles.main}>
          {uploads.isError && shown.length === 0 && (
            <Failed what="The list of uploads" error={uploads.error} retry={() => void uploads.refetch()} />
          )}
          {shown.length > 0 && (
            <section className={clsx("plate", styles.onTheirWay)}>
              <header>
                <h2>Uploads</h2>
              </header>
              <UploadList uploads={shown} />
            </section>
          )}
          <EntryList
            list={list}
            definition={DATASETS}
            empty={<Empty>No datasets yet. Upload one to start a search.</Empty>}
          />
        </div>
        <aside ref={panel} aria-label="Upload a dataset">
          <section className="plate">
            <header>
              <h2>Upload a dataset</h2>
            </header>
            <UploadForm onStarted={({ name }) => setBegun(`Uploading ${name}.`)} />
            <p className="sr" role="status">
              {begun}
            </p>
          </section>
          <AcceptedFormats />
        </aside>
      </div>
    </>
  );
}

/** Uploads that are in progress or were refused; of finished ones only those sent by this window. */
function useShownUploads(uploads: readonly Upload[]): Upload[] {
  const own = useUploadProgress();
  return uploads.filter(({ id, status }) => status !== "done" || own.has(id));
}
