// Facts about a dataset: its split, origin, and use.

import clsx from "clsx";
import { Link } from "react-router";
import type { DatasetDetail } from "../../api/types";
import { formatDateTime } from "../../format/dates";
import { formatBytes } from "../../format/numbers";
import { plural, shortenChecksum } from "../../format/text";
import { Split } from "../../ui/dataset/Split";
import { Term } from "../../ui/Term";
import styles from "./dataset.module.css";

export function DatasetFacts({ dataset }: { dataset: DatasetDetail }) {
  return (
    <aside aria-label="About this dataset">
      <section className="plate">
        <header>
          <h2>Split</h2>
          <span className="sub">
            {dataset.split_given
              ? dataset.kind === "text"
                ? "as in the uploaded files"
                : "as in the uploaded folders"
              : "by content hash"}
          </span>
        </header>
        <Split counts={dataset.counts} className={styles.split} />
        <p className={clsx("q", styles.splitNote)}>
          A search trains on the training split and compares candidates on the validation split. The test
          split is used once, when a training ends.
        </p>
        <dl className={styles.about}>
          <ChecksumRow name="Split checksum" of="SHA-256 of what each split contains" hex={dataset.split} />
          <ChecksumRow
            name="Content checksum"
            of={`SHA-256 of ${dataset.kind === "text" ? "the words" : "the images and labels"} after decoding`}
            hex={dataset.content}
          />
        </dl>
      </section>
      <section className="plate">
        <header>
          <h2>Origin</h2>
        </header>
        <Origin dataset={dataset} />
      </section>
      <section className="plate">
        <header>
          <h2>Used by</h2>
        </header>
        <UsedBy used={dataset.used_by} />
      </section>
    </aside>
  );
}

function ChecksumRow({ name, of, hex }: { name: string; of: string; hex: string }) {
  return (
    <>
      <dt>
        <Term name="checksum">{name}</Term>
      </dt>
      <dd className="mono" title={`${of}: ${hex}`}>
        {shortenChecksum(hex)}
      </dd>
    </>
  );
}

const TOKENS: Readonly<Record<string, string>> = {
  blanks: "separated by spaces",
  words: "words and punctuation, lowercase",
};

function Origin({ dataset }: { dataset: DatasetDetail }) {
  const { origin, about, owner, created_at } = dataset;
  if (!origin) return <p className="q">{about}</p>;
  return (
    <dl className={styles.about}>
      <dt>File</dt>
      <dd>{origin.file}</dd>
      <dt>Size</dt>
      <dd>
        {formatBytes(origin.bytes)}, {origin.format}
      </dd>
      {origin.tokens && (
        <>
          <dt>Tokens</dt>
          <dd>{TOKENS[origin.tokens] ?? origin.tokens}</dd>
        </>
      )}
      <dt>Skipped</dt>
      <dd>{origin.left_out ? plural(origin.left_out, "file") : "no files"}</dd>
      <dt>Uploaded by</dt>
      <dd>
        {owner?.name}, {formatDateTime(created_at)}
      </dd>
    </dl>
  );
}

function UsedBy({ used }: { used: DatasetDetail["used_by"] }) {
  if (used.searches === 0 && used.models === 0) return <p className="q">Not used yet.</p>;
  return (
    <p>
      <Link to="/searches">{plural(used.searches, "search", "searches")}</Link> and{" "}
      {plural(used.models, "trained model")}.
    </p>
  );
}
