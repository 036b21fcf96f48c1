// The page of one dataset: its classes or text, split, origin and use.

import clsx from "clsx";
import { Link, useNavigate, useParams } from "react-router";
import { useDataset } from "../../api/datasets";
import type { DatasetDetail } from "../../api/types";
import { formatInteger } from "../../format/numbers";
import { plural } from "../../format/text";
import { describeShape, itemName } from "../../ui/dataset/datasetShape";
import { splitTotal } from "../../ui/dataset/Split";
import { DeletedBanner } from "../../ui/entries/DeletedBanner";
import { EntryMenu } from "../../ui/entries/EntryMenu";
import { Remarks } from "../../ui/entries/Tags";
import facts from "../../ui/facts.module.css";
import { Failed, Loading } from "../../ui/Notice";
import { useDocumentTitle } from "../../ui/useDocumentTitle";
import { Classes } from "./Classes";
import { DatasetFacts } from "./DatasetFacts";
import styles from "./dataset.module.css";

export function Component() {
  const { name = "" } = useParams();
  const query = useDataset(name);
  useDocumentTitle(query.data?.title ?? "Dataset");
  if (query.data) return <LoadedDataset dataset={query.data} error={query.error} />;
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

function LoadedDataset({ dataset, error }: { dataset: DatasetDetail; error: unknown }) {
  const navigate = useNavigate();
  return (
    <>
      <header className={clsx("page-head", styles.datasetHead)}>
        <div className={styles.what}>
          <p className="sub">
            <Link to="/datasets">Datasets</Link>
          </p>
          <h1>
            {dataset.title} {dataset.archived && <span className="tag">archived</span>}
          </h1>
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
          {dataset.uploaded && (
            <EntryMenu
              family="datasets"
              id={dataset.name}
              entry={{ name: dataset.title, tags: dataset.tags, archived: dataset.archived }}
              onDeleted={() => navigate("/datasets")}
              words="Edit"
            />
          )}
          <Link className="btn solid" to={`/searches/new?dataset=${encodeURIComponent(dataset.name)}`}>
            New search with this dataset
          </Link>
        </div>
      </header>
      <DeletedBanner family="datasets" id={dataset.name} error={error} />
      <Remarks tags={dataset.tags} notes={dataset.notes} />
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
              // biome-ignore lint/a11y/noNoninteractiveTabindex: scrollable areas must be focusable
              <blockquote className={styles.excerpt} tabIndex={0}>
                {dataset.excerpt}
              </blockquote>
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
