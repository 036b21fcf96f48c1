// The page of one model: progress, quality and downloads of its training.

import { useQuery } from "@tanstack/react-query";
import clsx from "clsx";
import { Link, useNavigate, useParams } from "react-router";
import { api, unwrap } from "../../api/client";
import { allDatasets } from "../../api/datasets";
import { useDisplayNames } from "../../api/displayNames";
import { useEngine } from "../../api/engine";
import type { TrainedModel } from "../../api/types";
import { formatDateTime } from "../../format/dates";
import { formatInteger, formatNumber, formatQuality } from "../../format/numbers";
import { capitalise, plural } from "../../format/text";
import { EpochTable, LossCurve, QualityCurve } from "../../panels/training/TrainingCurves";
import { bestOf, figuresOf, pointAt, statusWord } from "../../panels/training/trainingStatus";
import { DeletedBanner } from "../../ui/entries/DeletedBanner";
import { EntryHead, Figure } from "../../ui/entries/EntryHead";
import { EntryMenu } from "../../ui/entries/EntryMenu";
import { Remarks } from "../../ui/entries/Tags";
import { Failed, Loading } from "../../ui/Notice";
import { StatusGlyph } from "../../ui/StatusGlyph";
import { Term } from "../../ui/Term";
import { useDocumentTitle } from "../../ui/useDocumentTitle";
import { Controls } from "./Controls";
import { Downloads } from "./Downloads";
import styles from "./model.module.css";
import { useModel } from "./useModel";

export function Component() {
  const { id = "" } = useParams();
  const query = useModel(id);
  const { isPending } = useEngine(); // says which files there will be: without them the page would move
  const architecture = useArchitecture(query.data?.architecture);
  // Models of all architectures have the same name until somebody gives them another.
  const names = [query.data?.name, architecture.data?.name].filter(Boolean);
  useDocumentTitle(names.join(", ") || "Trained model");
  if (query.data && !isPending) return <LoadedModel model={query.data} error={query.error} />;
  return (
    <>
      <h1 className="sr">Trained model</h1>
      {query.isError ? (
        <Failed what="This model" error={query.error} retry={() => void query.refetch()} />
      ) : (
        <Loading>Loading the model…</Loading>
      )}
    </>
  );
}

function useArchitecture(id = "") {
  return useQuery({
    queryKey: ["architecture", id],
    queryFn: () => unwrap(api.GET("/api/architectures/{id}", { params: { path: { id } } })),
    enabled: id !== "",
  });
}

function LoadedModel({ model, error }: { model: TrainedModel; error: unknown }) {
  return (
    <>
      <Head model={model} />
      <DeletedBanner family="models" id={model.id} error={error} />
      <Remarks tags={model.tags} notes={model.notes} />
      {model.status === "failed" && (
        <div className="banner" data-kind="error" role="alert">
          <svg viewBox="0 0 16 16" fill="none" stroke="currentColor" strokeWidth="1.6" aria-hidden="true">
            <path d="M8 2l6.5 12h-13zM8 6.5v3.5M8 11.5v1" />
          </svg>
          <span>
            <b>The training failed{model.curve.length > 0 && ` after epoch ${model.curve.length}`}.</b>{" "}
            {(model.error ?? "").replace(/\.?$/, ".")} Resume continues from the last checkpoint.
          </span>
        </div>
      )}
      <div className={styles.modelPage}>
        <div className={styles.main}>
          <section className="plate">
            <header>
              <h2>
                <Term name={figuresOf(model).metric}>{capitalise(figuresOf(model).metric)}</Term>
              </h2>
              <span className="sub">
                on the <Term name="validation">validation split</Term>, after each epoch
                {figuresOf(model).metric === "perplexity" && "; lower is better"}
              </span>
            </header>
            {model.curve.length > 0 ? <QualityCurve model={model} /> : <Untrained model={model} />}
          </section>
          {model.curve.length > 0 && (
            <section className="plate">
              <header>
                <h2>
                  <Term name="loss">Loss</Term>
                </h2>
                <span className="sub">dashed: on the training split</span>
              </header>
              <LossCurve model={model} />
              <EpochTable model={model} />
            </section>
          )}
        </div>
        <aside aria-label="Downloads and recipe">
          <section className="plate">
            <header>
              <h2>Downloads</h2>
            </header>
            <Downloads model={model} />
          </section>
          <Recipe model={model} />
        </aside>
      </div>
    </>
  );
}

function Head({ model }: { model: TrainedModel }) {
  const architecture = useArchitecture(model.architecture);
  const names = useDisplayNames();
  const navigate = useNavigate();
  const best = bestOf(model);
  const { metric, validation, test } = figuresOf(model);
  const done = model.curve.length;
  const origin = (
    <>
      <Link to="/catalog/models">Catalog</Link> /{" "}
      <Link to={`/architectures/${model.architecture}`}>{architecture.data?.name ?? "architecture"}</Link>,
      trained on {names.dataset(model.dataset)}, seed {model.seed}
    </>
  );
  const status = (
    <div className={styles.status} data-status={model.status} role="status">
      <StatusGlyph status={model.status} />
      <p>
        <b>{statusWord(model.status)}</b>
        <span className="sub">
          {done > 0 ? `epoch ${done} of ${model.epochs}` : `${plural(model.epochs, "epoch")} planned`}
        </span>
      </p>
    </div>
  );
  const figures = (
    <>
      <Figure value={formatQuality(validation ?? pointAt(best, metric), metric)}>
        <Term name="validation">validation</Term> {metric}
        {best && `, epoch ${model.best_epoch ?? best.epoch}`}
      </Figure>
      {test !== null && <TestFigure model={model} />}
    </>
  );
  return (
    <EntryHead
      origin={origin}
      name={model.name}
      tags={model.archived && <span className="tag">archived</span>}
      status={status}
      figures={figures}
    >
      <Controls model={model} />
      <EntryMenu
        family="models"
        id={model.id}
        entry={model}
        onDeleted={() => navigate("/catalog/models")}
        words="Edit"
      />
    </EntryHead>
  );
}

/** Shown only once it exists: the test set is evaluated once, at the end. */
function TestFigure({ model }: { model: TrainedModel }) {
  const datasets = useQuery(allDatasets);
  const { metric, test } = figuresOf(model);
  const counts = datasets.data?.find((each) => each.name === model.dataset)?.counts;
  return (
    <Figure value={formatQuality(test, metric)}>
      <Term name="test">test</Term> {metric}
      {counts && `, ${formatInteger(counts.test)} ${metric === "perplexity" ? "tokens" : "images"}`}
    </Figure>
  );
}

function Untrained({ model }: { model: TrainedModel }) {
  const words: Record<string, string> = {
    queued: "Starts when a worker is free. The chart begins after the first epoch.",
    running: "The first epoch is running. The chart begins when it ends.",
    paused: "Paused before the first epoch ended.",
    failed: "The training failed before the first epoch ended.",
  };
  return <p className={clsx("q", styles.before)}>{words[model.status] ?? "No epoch was completed."}</p>;
}

function Recipe({ model }: { model: TrainedModel }) {
  const engine = useEngine();
  const names = useDisplayNames();
  const schema = engine.data?.recipe_schemas[figuresOf(model).metric === "perplexity" ? "text" : "image"];
  const rows = (schema ?? []).filter(({ name }) => name in model.recipe);
  return (
    <section className="plate">
      <header>
        <h2>Recipe</h2>
      </header>
      <dl className={styles.recipe}>
        <dt>Dataset</dt>
        <dd>{names.dataset(model.dataset)}</dd>
        <dt>Seed</dt>
        <dd>{model.seed}</dd>
        {rows.map(({ name, label, unit }) => (
          <div key={name}>
            <dt>{label}</dt>
            <dd>
              {formatSetting(model.recipe[name])} {unit}
            </dd>
          </div>
        ))}
        <dt>Started</dt>
        <dd>
          {model.owner?.name}, {formatDateTime(model.created_at)}
        </dd>
      </dl>
    </section>
  );
}

function formatSetting(value: unknown): string {
  if (typeof value === "number") return formatNumber(value);
  return typeof value === "boolean" ? (value ? "yes" : "no") : String(value);
}
