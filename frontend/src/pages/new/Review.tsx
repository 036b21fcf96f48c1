// The review column: the start cell, its costs against the limits, time, name and seed, and the equivalent command.

import clsx from "clsx";
import type { ReactNode } from "react";
import { useLimits } from "../../api/engine";
import type { Dataset, Preview } from "../../api/types";
import { CellPicture } from "../../dag/CellPicture";
import { describeChain, isChain } from "../../dag/chain/blocks";
import { LIMITS } from "../../format/costs";
import { formatInteger, inFull, MISSING } from "../../format/numbers";
import { plural } from "../../format/text";
import { CopyableCommand } from "../../ui/CopyableCommand";
import { FieldError } from "../../ui/forms/Fields";
import forms from "../../ui/forms/forms.module.css";
import type { Errors } from "../../ui/forms/schema";
import { Term } from "../../ui/Term";
import { endName, type Limits, rangeOf } from "./budget";
import page from "./new.module.css";
import styles from "./review.module.css";

interface ReviewProps {
  name: string;
  dataset: Dataset | undefined;
  seed: string;
  repeats: string;
  /** candidates are scored, and so many finalists trained; null: all are trained */
  finalists: number | null;
  /** how long it will take */
  time: ReactNode;
  limits: Limits;
  preview: Preview | undefined;
  behind: boolean;
  command: string;
  /** why there is no equivalent command */
  noCommand: string | null;
  errors: Errors;
  onName: (text: string) => void;
  onSeed: (text: string) => void;
  onRepeats: (text: string) => void;
}

export function Review(props: ReviewProps) {
  const requestLimits = useLimits();
  const { name, dataset, seed, repeats, finalists, limits, preview, behind, command, noCommand, errors } =
    props;
  const full = inFull(seed);
  const { largest } = endName(preview?.graph.nodes ?? []);
  return (
    <aside className={styles.review} aria-label="Review">
      <h2>Review</h2>
      <div className={behind ? page.behind : undefined}>
        {preview ? (
          <CellPicture graph={preview.graph} ops={false} thin className={styles.plan} />
        ) : (
          <div className={styles.plan} />
        )}
        <Ends preview={preview} limits={limits} />
        <dl className={styles.factsList}>
          {dataset?.archived && (
            <>
              <dt>Dataset</dt>
              <dd>
                {dataset.title}
                <p className="sub">Archived: it is off the lists, and works as before.</p>
              </dd>
            </>
          )}
          <dt>{largest === "first" ? "First chain" : "Dense cell"}</dt>
          <dd>{preview ? sizeOf(preview) : MISSING}</dd>
          <dt>
            Most <Term name="candidate">candidates</Term> {finalists === null ? "trained" : "scored"}
          </dt>
          <dd>{preview ? formatInteger(preview.evaluations - (finalists ?? 0)) : MISSING}</dd>
        </dl>
        {props.time}
      </div>
      <div className={styles.naming}>
        <label htmlFor="search-name">Name</label>
        <input
          id="search-name"
          type="text"
          value={name}
          maxLength={requestLimits?.name}
          autoComplete="off"
          onChange={(event) => props.onName(event.target.value)}
          aria-invalid={Boolean(errors.name)}
          aria-describedby={errors.name ? "search-name-error" : undefined}
        />
        {errors.name && <FieldError id="search-name-error">{errors.name}</FieldError>}
        <span>
          <label htmlFor="search-seed">Seed</label> <Term name="seed" />
        </span>
        <input
          id="search-seed"
          className={styles.seed}
          type="text"
          inputMode="numeric"
          value={seed}
          autoComplete="off"
          onChange={(event) => props.onSeed(event.target.value)}
          aria-invalid={Boolean(errors.seed)}
          aria-describedby={errors.seed ? "search-seed-error" : "search-seed-help"}
        />
        {errors.seed ? (
          <FieldError id="search-seed-error">{errors.seed}</FieldError>
        ) : (
          <p className={forms.help} id="search-seed-help">
            {full !== null && <b>= {full}. </b>}The same seed gives the same search.
          </p>
        )}
        <label htmlFor="search-repeats">Repeats</label>
        <input
          id="search-repeats"
          className={styles.seed}
          type="text"
          inputMode="numeric"
          value={repeats}
          autoComplete="off"
          onChange={(event) => props.onRepeats(event.target.value)}
          aria-invalid={Boolean(errors.repeats)}
          aria-describedby={errors.repeats ? "search-repeats-error" : "search-repeats-help"}
        />
        {errors.repeats ? (
          <FieldError id="search-repeats-error">{errors.repeats}</FieldError>
        ) : (
          <p className={forms.help} id="search-repeats-help">
            Launches this many searches as one group, each with the next seed.
          </p>
        )}
      </div>
      <div className={styles.command}>
        {noCommand === null ? (
          <CopyableCommand title="Same search on the command line" text={command} />
        ) : (
          <p className={clsx("sub", styles.noCommand)}>{noCommand}</p>
        )}
      </div>
    </aside>
  );
}

/** "16 nodes, 120 edges"; of a chain "4 blocks, 9 layers" */
function sizeOf({ graph: { nodes, edges } }: Preview): string {
  if (isChain(nodes)) return describeChain(nodes);
  return `${plural(nodes.length, "node")}, ${plural(edges.length, "edge")}`;
}

function Ends({ preview, limits }: Pick<ReviewProps, "preview" | "limits">) {
  const { largest } = endName(preview?.graph.nodes ?? []);
  return (
    <table className={styles.ends}>
      <thead>
        <tr>
          <th scope="col">Cost</th>
          <th scope="col">
            <Term name="smallestCell">smallest</Term>
          </th>
          <th scope="col">
            <Term name="limit">limit</Term>
          </th>
          <th scope="col">{largest === "first" ? "first" : <Term name="denseCell">dense</Term>}</th>
        </tr>
      </thead>
      <tbody>
        {LIMITS.filter(({ key }) => key !== "latency" || limits.latency !== null).map((words) => {
          const { key, name, show } = words;
          const range = preview && key !== "latency" ? rangeOf(key, preview) : null;
          const limit = limits[key];
          const over = (value: number | undefined) => limit !== null && value !== undefined && value > limit;
          return (
            <tr key={key}>
              <th scope="row">
                <Term name={key}>{name}</Term>
              </th>
              <td className={over(range?.smallest) ? "over" : undefined}>{show(range?.smallest)}</td>
              <td>
                <b>{limit === null ? "none" : show(limit)}</b>
              </td>
              <td className={over(range?.largest) ? "over" : undefined}>{show(range?.largest)}</td>
            </tr>
          );
        })}
      </tbody>
    </table>
  );
}
