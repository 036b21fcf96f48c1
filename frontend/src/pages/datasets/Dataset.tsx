// The page of one dataset: its classes or text, split, origin and use.

import { useMutation, useQueryClient } from "@tanstack/react-query";
import clsx from "clsx";
import { useState } from "react";
import { Link, useNavigate, useParams } from "react-router";
import { api, unwrap } from "../../api/client";
import { useReadOnly } from "../../api/currentUser";
import { useDataset } from "../../api/datasets";
import type { DatasetDetail } from "../../api/types";
import { formatInteger } from "../../format/numbers";
import { plural } from "../../format/text";
import { ConfirmDialog } from "../../ui/ConfirmDialog";
import { describeShape, itemName } from "../../ui/dataset/datasetShape";
import { splitTotal } from "../../ui/dataset/Split";
import facts from "../../ui/facts.module.css";
import { errorMessage, Failed, Loading } from "../../ui/Notice";
import { useDocumentTitle } from "../../ui/useDocumentTitle";
import { Classes } from "./Classes";
import { DatasetFacts } from "./DatasetFacts";
import styles from "./dataset.module.css";

export function Component() {
  const { name = "" } = useParams();
  const query = useDataset(name);
  useDocumentTitle(query.data?.title ?? "Dataset");
  if (query.data) return <LoadedDataset dataset={query.data} />;
  return (
    <>
      <h1 className="sr">Dataset</h1>
      {query.isError ? (
        <Failed what="This dataset" error={query.error} retry={() => void query.refetch()} />
      ) : (
        <Loading>Loading the dataset…</Loading>
      )}
    </>
  );
}

function LoadedDataset({ dataset }: { dataset: DatasetDetail }) {
  const remove = useRemoval(dataset.name);
  return (
    <>
      <header className={clsx("page-head", styles.datasetHead)}>
        <div className={styles.what}>
          <p className="sub">
            <Link to="/datasets">Datasets</Link>
          </p>
          <h1>{dataset.title}</h1>
        </div>
        <dl className={facts.facts}>
          <div>
            <dd>{formatInteger(splitTotal(dataset.counts))}</dd>
            <dt>{itemName(dataset)}s</dt>
          </div>
          {dataset.vocabulary !== null && (
            <div>
              <dd>{formatInteger(dataset.vocabulary)}</dd>
              <dt>words in the vocabulary</dt>
            </div>
          )}
          {dataset.classes !== null && (
            <div>
              <dd>{formatInteger(dataset.classes)}</dd>
              <dt>{dataset.classes === 1 ? "class" : "classes"}</dt>
            </div>
          )}
        </dl>
        {dataset.kind === "text" ? (
          <span className="q">Text</span>
        ) : (
          <span className="q">{describeShape(dataset)}</span>
        )}
        <div className={clsx("end", styles.launch)}>
          {dataset.uploaded && <Delete dataset={dataset} remove={remove} />}
          <Link className="btn solid" to={`/searches/new?dataset=${encodeURIComponent(dataset.name)}`}>
            New search with this dataset
          </Link>
        </div>
      </header>
      {remove.isError && (
        <div className="banner" data-kind="error" role="alert">
          <svg viewBox="0 0 16 16" fill="none" stroke="currentColor" strokeWidth="1.6" aria-hidden="true">
            <path d="M8 2l6.5 12h-13zM8 6.5v3.5M8 11.5v1" />
          </svg>
          <span>
            <b>The dataset was not deleted.</b> {errorMessage(remove.error)}
          </span>
        </div>
      )}
      <div className={styles.datasetPage}>
        {dataset.class_names.length > 0 ? (
          <section className={clsx("plate", styles.main)}>
            <header>
              <h2>Classes</h2>
              <span className="sub">
                {plural(dataset.class_names.length, "class", "classes")}, in label order
              </span>
            </header>
            <Classes dataset={dataset} />
          </section>
        ) : (
          <section className={clsx("plate", styles.main)}>
            <header>
              <h2>Beginning of the text</h2>
              <span className="sub">as the network reads it, to predict each next word</span>
            </header>
            {dataset.excerpt ? (
              <blockquote className={styles.excerpt}>{dataset.excerpt}</blockquote>
            ) : (
              <p className="q">No excerpt available.</p>
            )}
            <p className="q">
              {dataset.vocabulary !== null && `Vocabulary: ${plural(dataset.vocabulary, "word")}. `}Other
              words become <code>&lt;unk&gt;</code>, and each line ends with <code>&lt;eos&gt;</code>.
            </p>
          </section>
        )}
        <DatasetFacts dataset={dataset} />
      </div>
    </>
  );
}

function useRemoval(name: string) {
  const navigate = useNavigate();
  const queries = useQueryClient();
  return useMutation({
    mutationFn: async () => {
      const { error, response } = await api.DELETE("/api/datasets/{id}", { params: { path: { id: name } } });
      await unwrap(Promise.resolve({ data: true, error, response }));
    },
    onSuccess: async () => {
      await navigate("/datasets");
      queries.removeQueries({ queryKey: ["dataset", name] });
      await queries.invalidateQueries({ queryKey: ["datasets"] });
    },
  });
}

function Delete({ dataset, remove }: { dataset: DatasetDetail; remove: ReturnType<typeof useRemoval> }) {
  const [confirming, setAsking] = useState(false);
  const readOnly = useReadOnly();
  return (
    <>
      <button
        type="button"
        className="btn"
        disabled={remove.isPending}
        onClick={() => setAsking(true)}
        {...readOnly}
      >
        {remove.isPending ? "Deleting…" : "Delete"}
      </button>
      <ConfirmDialog
        open={confirming}
        title={`Delete ${dataset.title}?`}
        yes="Delete"
        no="Cancel"
        onAnswer={(yes) => {
          setAsking(false);
          if (yes) remove.mutate();
        }}
      >
        This deletes {plural(splitTotal(dataset.counts), itemName(dataset))} for the whole team. You can
        upload the same file again.
      </ConfirmDialog>
    </>
  );
}
