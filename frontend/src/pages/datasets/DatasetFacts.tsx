// Facts about a dataset: its split, origin, and use.
import { Link } from "react-router";
import type { DatasetDetail } from "../../api/types";
import { formatDateTime, plural, shortenChecksum } from "../../format/text";
import { formatFileSize } from "../../format/units";
import { Split } from "../../ui/dataset/Split";

export function DatasetFacts({ dataset }: { dataset: DatasetDetail }) {
  return (
    <aside aria-label="About it">
      <section className="plate">
        <header>
          <h2>Split</h2>
          <span className="sub">
            {dataset.split_given
              ? dataset.kind === "text"
                ? "as its files gave it"
                : "as its folders gave it"
              : "dealt by a checksum of the data"}
          </span>
        </header>
        <Split counts={dataset.counts} />
        <p className="q split-note">
          A search trains on the first part and judges by the second. The third is opened once, when a
          training ends.
        </p>
        <dl className="about">
          <ChecksumRow name="Fingerprint" of="SHA-256 of what each part holds" hex={dataset.split} />
          <ChecksumRow
            name="Content"
            of={`SHA-256 of ${dataset.kind === "text" ? "the words" : "images and labels"} as they were decoded`}
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
      <dt title={of}>{name}</dt>
      <dd className="mono" title={hex}>
        {shortenChecksum(hex)}
      </dd>
    </>
  );
}

const TOKENS: Readonly<Record<string, string>> = {
  blanks: "separated by blanks",
  words: "words and marks, lower-cased",
};

function Origin({ dataset }: { dataset: DatasetDetail }) {
  const { origin, about, created_by, created_at } = dataset;
  if (!origin) return <p className="q">{about}</p>;
  return (
    <dl className="about">
      <dt>File</dt>
      <dd>{origin.file}</dd>
      <dt>Size</dt>
      <dd>
        {formatFileSize(origin.bytes)}, {origin.format}
      </dd>
      {origin.tokens && (
        <>
          <dt>Words</dt>
          <dd>{TOKENS[origin.tokens] ?? origin.tokens}</dd>
        </>
      )}
      <dt>Left out</dt>
      <dd>{origin.left_out ? plural(origin.left_out, "file") : "nothing"}</dd>
      <dt>Brought by</dt>
      <dd>
        {created_by}, {formatDateTime(created_at)}
      </dd>
    </dl>
  );
}

function UsedBy({ used }: { used: DatasetDetail["used_by"] }) {
  if (used.searches === 0 && used.models === 0)
    return <p className="q">No search and no trained model yet.</p>;
  return (
    <p>
      <Link to="/searches">{plural(used.searches, "search", "searches")}</Link> and{" "}
      {plural(used.models, "trained model")}.
    </p>
  );
}
