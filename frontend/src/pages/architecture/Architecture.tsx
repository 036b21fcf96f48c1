// The page of one architecture: cell, costs, scores, lineage, measurements and trained models.

import { useQuery } from "@tanstack/react-query";
import clsx from "clsx";
import { useState } from "react";
import { Link, useNavigate, useParams } from "react-router";
import { architectureOf } from "../../api/architectures";
import { api, unwrap } from "../../api/client";
import { useReadOnly } from "../../api/currentUser";
import { allDatasets } from "../../api/datasets";
import { useDisplayNames } from "../../api/displayNames";
import { presenceMs } from "../../api/entries";
import type { ArchitectureDetail } from "../../api/types";
import { describeChain, isChain } from "../../dag/chain/blocks";
import type { DagGraph } from "../../dag/graph";
import { COSTS, costOf } from "../../format/costs";
import { formatQuality } from "../../format/numbers";
import { joinWords, plural } from "../../format/text";
import type { Macro } from "../../live/events";
import { QualityCurve } from "../../panels/training/TrainingCurves";
import { bestTraining, figuresOf, isLive } from "../../panels/training/trainingStatus";
import { claimOf } from "../../ui/architecture/claim";
import { DeletedBanner } from "../../ui/entries/DeletedBanner";
import { EntryHead, Figure } from "../../ui/entries/EntryHead";
import { EntryMenu } from "../../ui/entries/EntryMenu";
import { Remarks } from "../../ui/entries/Tags";
import { Failed, Loading } from "../../ui/Notice";
import { Term } from "../../ui/Term";
import { useDocumentTitle } from "../../ui/useDocumentTitle";
import styles from "./architecture.module.css";
import { CostTable } from "./CostTable";
import { CellLayers, NetworkLayers } from "./Layers";
import { Lineage } from "./Lineage";
import layers from "./layers.module.css";
import { Measurements } from "./Measurements";
import { Models } from "./Models";
import { blocksOf, describeMacro, isOfCells, leavesOf } from "./macro";
import { PeakMemory } from "./PeakMemory";
import { Scale } from "./Scale";
import { Scores } from "./Scores";
import { TrainForm } from "./TrainForm";
import { TrialCell } from "./TrialCell";

type Drawing = "cell" | "layers" | "network";

const DRAWINGS: readonly { kind: Drawing; word: string }[] = [
  { kind: "cell", word: "Cell" },
  { kind: "layers", word: "Cell in layers" },
  { kind: "network", word: "Network" },
];

const POLL_MS = 3_000; // while a model trains; only the model's page has a socket

export function Component() {
  const { id = "" } = useParams();
  const query = useQuery({
    ...architectureOf(id),
    refetchInterval: ({ state }) =>
      presenceMs(state.error, state.data?.models.some(isLive) ? POLL_MS : undefined),
  });
  useDocumentTitle(query.data?.name ?? "Architecture");
  if (query.data) return <LoadedArchitecture architecture={query.data} error={query.error} />;
  return (
    <>
      <h1 className="sr">Architecture</h1>
      {query.isError ? (
        <Failed what="This architecture" error={query.error} retry={() => void query.refetch()} />
      ) : (
        <Loading>Loading the architecture…</Loading>
      )}
    </>
  );
}

function LoadedArchitecture({ architecture, error }: { architecture: ArchitectureDetail; error: unknown }) {
  const [marked, setMarked] = useState<number | null>(null);
  const [training, setTraining] = useState(false);
  const [scaling, setScaling] = useState(false);
  const [trying, setTrying] = useState(false);
  const [drawing, setDrawing] = useState<Drawing>("cell");
  const names = useDisplayNames();
  const engine = useQuery({ queryKey: ["engine"], queryFn: () => unwrap(api.GET("/api/engine")) });
  const datasets = useQuery(allDatasets);
  const { graph } = architecture;
  const chain = isChain(graph.nodes);
  const shown = bestTraining(architecture.models);
  return (
    <>
      <Top architecture={architecture} onTrain={() => setTraining(true)} onScale={() => setScaling(true)} />
      <DeletedBanner family="architectures" id={architecture.id} error={error} />
      <Remarks tags={architecture.tags} notes={architecture.notes} />
      <div className={styles.architecture}>
        <div className={styles.main}>
          <section className="plate">
            <header>
              <h2>
                {trying ? (
                  "What if"
                ) : drawing === "network" ? (
                  "Network"
                ) : chain ? (
                  "Chain"
                ) : (
                  <Term name="cell">Cell</Term>
                )}
              </h2>
              <span className="sub">
                {trying
                  ? "click edges to remove or restore them; nothing is saved"
                  : chain
                    ? describeChain(graph.nodes)
                    : `${plural(graph.edges.length, "edge")}, ${plural(graph.nodes.length, "node")}`}
                {!trying && !chain && (
                  <>
                    ; <Term name="leaf">output</Term>: {describeLeaves(architecture)}
                  </>
                )}
              </span>
              {!trying && (
                <fieldset className={clsx("end seg", layers.switch)}>
                  <legend className="sr">View</legend>
                  {DRAWINGS.map(({ kind, word }) => (
                    <button
                      type="button"
                      key={kind}
                      aria-pressed={drawing === kind}
                      onClick={() => setDrawing(kind)}
                    >
                      {chain ? word.replace("Cell", "Chain") : word}
                    </button>
                  ))}
                </fieldset>
              )}
              {/* Blocks of a chain are neither cut nor replaced; pointing at one shows its share of the costs. */}
              {!chain && (
                <button
                  type="button"
                  className={trying ? "btn small end" : "btn small"}
                  aria-pressed={trying}
                  onClick={() => setTrying(!trying)}
                >
                  {trying ? "Done" : "What if…"}
                </button>
              )}
            </header>
            <div className={styles.picture}>
              <div>
                {trying || drawing === "cell" ? (
                  <TrialCell
                    architecture={architecture}
                    engine={engine.data}
                    marked={marked}
                    onMark={setMarked}
                    trying={trying}
                  />
                ) : drawing === "layers" ? (
                  <CellLayers architecture={architecture} marked={marked} onMark={setMarked} />
                ) : (
                  <NetworkLayers architecture={architecture} />
                )}
                <Network architecture={architecture} />
              </div>
              <CostTable architecture={architecture} marked={marked} onMark={setMarked} />
            </div>
          </section>
          {shown && (
            <section className="plate">
              <header>
                <h2>Training</h2>
                <span className="sub">
                  validation {figuresOf(shown).metric}, {names.dataset(shown.dataset)}, seed {shown.seed}
                </span>
                <Link className="sub end" to={`/models/${shown.id}`}>
                  Open
                </Link>
              </header>
              <QualityCurve model={shown} />
            </section>
          )}
          <Scores architecture={architecture} engine={engine.data} datasets={datasets.data} />
        </div>
        <aside aria-label="Trained models and origin">
          <section className="plate">
            <header>
              <h2>Trained models</h2>
              <span className="sub">
                {architecture.models.length > 0 && plural(architecture.models.length, "model")}
              </span>
            </header>
            <Models models={architecture.models} onTrain={() => setTraining(true)} />
          </section>
          <PeakMemory peak={architecture.cost.peak_memory} bytes={architecture.bytes_per_element} />
          <Measurements architecture={architecture.id} />
          <Lineage architecture={architecture} />
        </aside>
      </div>
      {training &&
        (engine.data && datasets.data ? (
          <TrainForm
            architecture={architecture}
            engine={engine.data}
            datasets={datasets.data}
            onClose={() => setTraining(false)}
          />
        ) : (
          <Loading>Loading the training settings…</Loading>
        ))}
      {scaling && engine.data && datasets.data && (
        <Scale
          architecture={architecture}
          engine={engine.data}
          datasets={datasets.data}
          onClose={() => setScaling(false)}
        />
      )}
    </>
  );
}

interface TopProps {
  architecture: ArchitectureDetail;
  onTrain: () => void;
  onScale: () => void;
}

function Top({ architecture, onTrain, onScale }: TopProps) {
  const { name, kind, cost, dataset, parent } = architecture;
  const names = useDisplayNames();
  const readOnly = useReadOnly();
  const navigate = useNavigate();
  const published = kind === "published";
  const { metric, value } = claimOf(architecture);
  const origin = (
    <>
      <Link to="/catalog">Catalog</Link>
      {dataset && ` / ${names.dataset(dataset)}`}
      {architecture.alike > 0 && (
        <>
          {" / "}
          <Link to={`/catalog?hash=${encodeURIComponent(architecture.hash)}`}>
            {plural(architecture.alike, "architecture")} with the same cell
          </Link>
        </>
      )}
      {parent && (
        <>
          {" / scaled from "}
          <Link to={`/architectures/${parent.id}`}>{parent.name}</Link>
        </>
      )}
    </>
  );
  const tags = (
    <>
      {published && <span className="tag ref">published</span>}
      {kind === "scaled" && <span className="tag">scaled</span>}
      {architecture.archived && <span className="tag">archived</span>}
    </>
  );
  const figures = (
    <>
      <Figure value={formatQuality(value, metric)}>
        {published
          ? `${metric}, as published`
          : parent || value === null
            ? `validation ${metric}, not trained yet`
            : `validation ${metric} in the search`}
      </Figure>
      {COSTS.map(({ key, inline, show }) => (
        <Figure key={key} value={show(costOf(cost, key))}>
          <Term name={key}>{inline}</Term>
        </Figure>
      ))}
    </>
  );
  return (
    <EntryHead origin={origin} name={name} tags={tags} figures={figures}>
      {!published && (
        <EntryMenu
          family="architectures"
          id={architecture.id}
          entry={architecture}
          onDeleted={() => navigate("/catalog")}
          words="Edit"
        />
      )}
      {isOfCells(architecture.macro as unknown as Macro) && (
        <button type="button" className="btn" onClick={onScale}>
          Scale to a device
        </button>
      )}
      <button type="button" className="btn solid" onClick={onTrain} {...readOnly}>
        Train
      </button>
    </EntryHead>
  );
}

function Network({ architecture }: { architecture: ArchitectureDetail }) {
  const macro = architecture.macro as unknown as Macro;
  return (
    <>
      <NetworkBoxes macro={macro} graph={architecture.graph} />
      <p className="sub">{describeMacro(macro, architecture.graph)}</p>
    </>
  );
}

function NetworkBoxes({ macro, graph }: { macro: Macro; graph: DagGraph }) {
  return (
    <ol className={styles.network} aria-label="Network, from input to output">
      {blocksOf(macro, graph).map((block, i) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: the parts are identified by their order
        <li key={i} className={block.cell ? styles.cell : undefined}>
          <b>{block.title}</b>
          <span>{block.detail}</span>
        </li>
      ))}
    </ol>
  );
}

function describeLeaves({ graph, metric }: ArchitectureDetail): string {
  const joined = metric === "perplexity" ? "averaged" : "concatenated";
  const leaves = leavesOf(graph).map(String);
  return leaves.length === 1 ? `node ${leaves[0]}` : `nodes ${joinWords(leaves)}, ${joined}`;
}
