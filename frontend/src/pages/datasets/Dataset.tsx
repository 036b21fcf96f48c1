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
import { EntryHead, Figure } from "../../ui/entries/EntryHead";
import { EntryMenu } from "../../ui/entries/EntryMenu";
import { Remarks } from "../../ui/entries/Tags";
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

function DatasetFigures({ dataset }: { dataset: DatasetDetail }) {
  return (
    <>
      <Figure value={formatInteger(splitTotal(dataset.counts))}>{itemName(dataset)}s</Figure>
      {dataset.vocabulary !== null && (
        <Figure value={formatInteger(dataset.vocabulary)}>words in the vocabulary</Figure>
      )}
      {dataset.classes !== null && (
        <Figure value={formatInteger(dataset.classes)}>{dataset.classes === 1 ? "class" : "classes"}</Figure>
      )}
    </>
  );
}

function LoadedDataset({ dataset, error }: { dataset: DatasetDetail; error: unknown }) {
  const navigate = useNavigate();
  return (
    <>
      <EntryHead
        origin={<Link to="/datasets">Datasets</Link>}
        name={dataset.title}
        tags={dataset.archived && <span className="tag">archived</span>}
        status={<span className="q">{dataset.kind === "text" ? "Text" : describeShape(dataset)}</span>}
        figures={<DatasetFigures dataset={dataset} />}
      >
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
      </EntryHead>
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
