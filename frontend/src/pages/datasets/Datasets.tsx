// The page of datasets: the list, uploads in progress, and the upload form.
import clsx from "clsx";
import { useRef, useState } from "react";
import { Link } from "react-router";
import { useReadOnly } from "../../api/currentUser";
import { useDatasets } from "../../api/datasets";
import type { Dataset, Upload } from "../../api/types";
import { formatDateTime } from "../../format/dates";
import { formatInteger } from "../../format/numbers";
import { plural } from "../../format/text";
import { AcceptedFormats } from "../../panels/uploads/AcceptedFormats";
import { UploadForm } from "../../panels/uploads/UploadForm";
import { UploadList } from "../../panels/uploads/UploadList";
import { describeShape, itemName } from "../../ui/dataset/datasetShape";
import { Split, splitTotal } from "../../ui/dataset/Split";
import { Empty, Failed, Loading } from "../../ui/Notice";
import rows from "../../ui/rows.module.css";
import { useDocumentTitle } from "../../ui/useDocumentTitle";
import { useUploadProgress, useUploads } from "../../upload/useUploads";
import { ContactSheet } from "./ContactSheet";
import styles from "./datasets.module.css";

export function Component() {
  useDocumentTitle("Datasets");
  const datasets = useDatasets();
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
        {datasets.data && <span className="sub">{plural(datasets.data.length, "dataset")}</span>}
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
          {datasets.data ? (
            <List datasets={datasets.data} />
          ) : datasets.isError ? (
            <Failed
              what="The list of datasets"
              error={datasets.error}
              retry={() => void datasets.refetch()}
            />
          ) : (
            <Loading>Loading datasets…</Loading>
          )}
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

function List({ datasets }: { datasets: readonly Dataset[] }) {
  if (datasets.length === 0) return <Empty>No datasets yet. Upload one to start a search.</Empty>;
  return (
    <ul aria-label="Datasets">
      {datasets.map((dataset) => (
        <li className={clsx(rows.row, styles.datasetRow)} key={dataset.name}>
          <ContactSheet name={dataset.name} kind={dataset.kind} />
          <div className={rows.name}>
            <Link to={`/datasets/${dataset.name}`}>{dataset.title}</Link>
            <span className="sub">{originOf(dataset)}</span>
          </div>
          <dl className={styles.size}>
            <div>
              <dt>{itemName(dataset)}s</dt>
              <dd>{formatInteger(splitTotal(dataset.counts))}</dd>
            </div>
            {dataset.classes !== null && (
              <div>
                <dt>classes</dt>
                <dd>{formatInteger(dataset.classes)}</dd>
              </div>
            )}
          </dl>
          <span className={clsx("q", styles.shape)}>{describeShape(dataset)}</span>
          <Split counts={dataset.counts} className={styles.split} />
        </li>
      ))}
    </ul>
  );
}

function originOf({ uploaded, owner, created_at }: Dataset): string {
  return uploaded ? `${owner?.name}, ${formatDateTime(created_at)}` : "Built in";
}
