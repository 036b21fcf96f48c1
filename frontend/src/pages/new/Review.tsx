// The review column: the start cell, its costs against the limits, whether they can be met, the equivalent command, and
// the launch button.

import clsx from "clsx";
import type { ReactNode } from "react";
import { useReadOnly } from "../../api/currentUser";
import { useLimits } from "../../api/engine";
import type { Preview } from "../../api/types";
import { CellPicture } from "../../dag/CellPicture";
import { type CostDefinition, LIMITS, type LimitKey, unitFor } from "../../format/costs";
import { formatInteger, inFull, MISSING } from "../../format/numbers";
import { plural } from "../../format/text";
import { CopyableCommand } from "../../ui/CopyableCommand";
import { FieldError } from "../../ui/forms/Fields";
import forms from "../../ui/forms/forms.module.css";
import type { Errors } from "../../ui/forms/schema";
import { Term } from "../../ui/Term";
import { type Limits, rangeOf, roundLimit } from "./budget";
import page from "./new.module.css";
import styles from "./review.module.css";
import { type Impossible, outlook } from "./verdict";

interface ReviewProps {
  name: string;
  seed: string;
  limits: Limits;
  strategy: string;
  preview: Preview | undefined;
  behind: boolean;
  wrong: readonly Impossible[];
  failure: ReactNode;
  command: string;
  /** why there is no equivalent command */
  noCommand: string | null;
  errors: Errors;
  launching: boolean;
  canLaunch: boolean;
  onName: (text: string) => void;
  onSeed: (text: string) => void;
  onRaise: (key: LimitKey, value: number | null) => void;
}

export function Review(props: ReviewProps) {
  const requestLimits = useLimits();
  const readOnly = useReadOnly();
  const { name, seed, limits, preview, behind, wrong, failure, command, noCommand, errors } = props;
  const { launching, canLaunch } = props;
  const full = inFull(seed);
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
          <dt>Dense cell</dt>
          <dd>
            {preview
              ? `${plural(preview.graph.nodes.length, "node")}, ${plural(preview.graph.edges.length, "edge")}`
              : MISSING}
          </dd>
          <dt>
            Most <Term name="candidate">candidates</Term> trained
          </dt>
          <dd>{preview ? formatInteger(preview.evaluations) : MISSING}</dd>
        </dl>
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
      </div>
      <div
        className={clsx(styles.verdict, (wrong.length > 0 || failure) && styles.bad)}
        aria-live="polite"
        id="verdict"
      >
        {failure ?? <Outlook {...props} />}
      </div>
      <div className={styles.command}>
        {noCommand === null ? (
          <CopyableCommand title="Same search on the command line" text={command} />
        ) : (
          <p className={clsx("sub", styles.noCommand)}>{noCommand}</p>
        )}
        <button
          type="submit"
          className={clsx("btn solid", styles.launch)}
          disabled={!canLaunch}
          aria-describedby="verdict"
          {...readOnly}
        >
          {launching ? "Launching…" : "Launch search"}
        </button>
      </div>
    </aside>
  );
}

function Ends({ preview, limits }: Pick<ReviewProps, "preview" | "limits">) {
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
          <th scope="col">
            <Term name="denseCell">dense</Term>
          </th>
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

type OutlookProps = Pick<ReviewProps, "wrong" | "preview" | "limits" | "onRaise">;

function Outlook({ wrong, preview, limits, onRaise }: OutlookProps) {
  if (!preview) return <p>Calculating cost…</p>;
  if (wrong.length === 0) {
    const { lead, more } = outlook(limits, preview);
    return (
      <>
        <b className="ok">{lead}</b>
        <p>{more}</p>
      </>
    );
  }
  const names = wrong.flatMap(({ words }) => words?.inline ?? []);
  return (
    <>
      <b className="over">Cannot be met{names.length > 0 && `: ${names.join(", ")}`}</b>
      {wrong.map(({ words, needed, detail }) => (
        <div key={detail} className={styles.wayOut}>
          <p>{detail}</p>
          {words && (
            <>
              <RaiseButton words={words} needed={needed} onRaise={onRaise} />
              <button type="button" className="btn small quiet" onClick={() => onRaise(words.key, null)}>
                Remove this limit
              </button>
            </>
          )}
        </div>
      ))}
    </>
  );
}

interface RaiseButtonProps extends Pick<ReviewProps, "onRaise"> {
  words: CostDefinition<LimitKey>;
  needed: number;
}

/** Rounds up to the digits that are shown, so that the limit reads the same everywhere. */
function RaiseButton({ words, needed, onRaise }: RaiseButtonProps) {
  const enough = roundLimit(needed, unitFor(words, needed), true);
  return (
    <button type="button" className="btn small" onClick={() => onRaise(words.key, enough)}>
      Raise to {words.show(enough)}
    </button>
  );
}
