// What decides over launching, always in view: whether the limits can be met, how long it takes, whether it was run before,
// and the buttons.

import clsx from "clsx";
import type { ReactNode } from "react";
import { Link } from "react-router";
import { useReadOnly } from "../../api/currentUser";
import type { Estimate, Preview } from "../../api/types";
import { type CostDefinition, type LimitKey, unitFor } from "../../format/costs";
import { formatInteger } from "../../format/numbers";
import { type Limits, roundLimit } from "./budget";
import { timeOfGroup, timeText } from "./estimateText";
import styles from "./launchBar.module.css";
import { type Impossible, outlook } from "./verdict";

interface LaunchBarProps {
  limits: Limits;
  preview: Preview | undefined;
  wrong: readonly Impossible[];
  failure: ReactNode;
  estimate: Estimate | undefined;
  repeats: number;
  same: Preview["same"];
  launching: boolean;
  canLaunch: boolean;
  onRaise: (key: LimitKey, value: number | null) => void;
  saving: boolean;
  /** what became of saving it as a draft */
  saved: ReactNode;
  onSave: () => void;
}

export function LaunchBar(props: LaunchBarProps) {
  const { wrong, failure, estimate, repeats, same, launching, canLaunch, saving, saved, onSave } = props;
  const readOnly = useReadOnly();
  return (
    <div className={styles.bar}>
      <div className={styles.words}>
        <div
          className={clsx(styles.verdict, (wrong.length > 0 || failure) && styles.bad)}
          aria-live="polite"
          id="verdict"
        >
          {failure ?? <Outlook {...props} />}
        </div>
        {estimate?.seconds && (
          <p>
            {repeats > 1 ? "Estimate for one search" : "Estimate"}: <b>{timeText(estimate.seconds)}</b>
            {estimate.sharing > 0 && ", longer while other searches run"}
          </p>
        )}
        {estimate?.seconds && repeats > 1 && (
          <p>
            For all {formatInteger(repeats)}: <b>{timeOfGroup(estimate.seconds, repeats)}</b>
          </p>
        )}
        <Same searches={same} />
      </div>
      <div className={styles.buttons}>
        <button
          type="submit"
          className="btn solid"
          disabled={!canLaunch}
          aria-describedby="verdict"
          {...readOnly}
        >
          {launching
            ? "Launching…"
            : repeats > 1
              ? `Launch ${formatInteger(repeats)} searches`
              : "Launch search"}
        </button>
        <button type="button" className="btn" disabled={saving} onClick={onSave} {...readOnly}>
          Save as draft
        </button>
        <span className="sub" role="status">
          {saved}
        </span>
      </div>
    </div>
  );
}

/** Searches that were launched with exactly this. */
function Same({ searches }: { searches: Preview["same"] }) {
  if (searches.length === 0) return null;
  const done = searches.some(({ status }) => status === "finished");
  return (
    <p className={styles.same} role="status">
      {done ? "This search was run already: " : "This search was launched already: "}
      {searches.map(({ id, name, status }, i) => (
        <span key={id}>
          {i > 0 && ", "}
          <Link to={`/searches/${id}`}>{name}</Link> ({status})
        </span>
      ))}
      {done && ". Results of equal trainings are used again"}.
    </p>
  );
}

type OutlookProps = Pick<LaunchBarProps, "wrong" | "preview" | "limits" | "onRaise">;

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

interface RaiseButtonProps extends Pick<LaunchBarProps, "onRaise"> {
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
