// The header of a search page: name, status, and the buttons that control the search.

import { useRef, useState } from "react";
import { Link, useNavigate } from "react-router";
import { useDisplayNames } from "../../api/displayNames";
import type { SearchDetail } from "../../api/types";
import { plural } from "../../format/text";
import type { SearchStatus, Telemetry } from "../../live/messages";
import type { View } from "../../live/view";
import { HEAD, type Steering } from "../../panels/steering/useSteering";
import { describeAnswer, describeBest } from "../../search-view/answer";
import { describeProgress, STATUS_WORDS } from "../../search-view/explanation";
import type { Moment } from "../../search-view/moment";
import { describeLeft, describeWorkers } from "../../search-view/timeLeft";
import { ConfirmDialog } from "../../ui/ConfirmDialog";
import { EntryMenu } from "../../ui/entries/EntryMenu";
import { listOfGroup } from "../../ui/lists/address";
import { StatusGlyph } from "../../ui/StatusGlyph";
import { useAge } from "../../ui/useAge";
import { useRetainedFocus } from "../../ui/useRetainedFocus";
import styles from "./search.module.css";

interface HeadProps {
  search: SearchDetail;
  view: View;
  telemetry: Telemetry | null;
  now: Moment;
  /** whether there is something to say of its progress */
  known: boolean;
  steering: Steering;
}

const ALLOWED_IN: Record<"pause" | "resume" | "stop" | "cancel", readonly SearchStatus[]> = {
  pause: ["queued", "running"],
  resume: ["paused", "failed"],
  stop: ["queued", "running", "paused", "failed"],
  cancel: ["queued", "running", "paused", "failed"],
};

const VERBS = [
  {
    verb: "pause",
    word: "Pause",
    hint: "Stops all work now. Candidates in progress restart on resume",
    icon: "M2 1h3v10H2zM7 1h3v10H7z",
  },
  { verb: "resume", word: "Resume", hint: "Continue from the last step", icon: "M2.5 1v10l8-5z" },
  {
    verb: "stop",
    word: "Stop",
    hint: "Ends now and keeps the best cell that fits all limits",
    icon: "M2 2h8v8H2z",
  },
  {
    verb: "cancel",
    word: "Cancel",
    hint: "Ends now without a result. The history stays visible",
    icon: "M1 2.2 2.2 1 6 4.8 9.8 1 11 2.2 7.2 6 11 9.8 9.8 11 6 7.2 2.2 11 1 9.8 4.8 6z",
  },
] as const;

export function Head({ search, view, telemetry, now, known, steering }: HeadProps) {
  const [question, setQuestion] = useState<"stop" | "cancel" | null>(null);
  const names = useDisplayNames();
  const verbs = useRetainedFocus<HTMLFieldSetElement>();
  const navigate = useNavigate();
  const status = statusOf(search, view, telemetry);
  const press = (verb: keyof typeof ALLOWED_IN) => {
    if (verb === "stop" || verb === "cancel") setQuestion(verb);
    else void steering.send(HEAD, { kind: verb });
  };
  const answer = (yes: boolean) => {
    if (yes && question) void steering.send(HEAD, { kind: question });
    setQuestion(null);
  };
  const { task } = view;
  const { parent } = search;
  return (
    <header className={styles.searchHead}>
      <div className={styles.what}>
        <div className={styles.title}>
          <h1 title={search.name}>{search.name}</h1>
          <EntryMenu
            family="searches"
            id={search.id}
            entry={search}
            onDeleted={() => navigate("/searches")}
          />
        </div>
        <div className={styles.subs}>
          <p className="sub">
            {[
              names.strategy(search.strategy),
              names.dataset(search.dataset),
              task && `seed ${task.seed}`,
              `by ${search.owner?.name}`,
            ]
              .filter(Boolean)
              .join(" · ")}
          </p>
          <p className="sub">
            <Link to={`/searches/new?from=${search.id}`}>Duplicate</Link>
          </p>
          {search.group && (
            <p className="sub">
              <Link to={listOfGroup(search.group.id)}>One of {plural(search.group.size, "seed")}</Link>
            </p>
          )}
          {parent && (
            <p className="sub">
              Forked from{" "}
              <Link to={`/searches/${parent.search}?branch=${parent.branch}&step=${parent.step}`}>
                {parent.name}
              </Link>{" "}
              at step {parent.step}
            </p>
          )}
        </div>
      </div>
      <div className={styles.state}>
        <StatusGlyph status={status} className={styles.glyph} />
        <div>
          <b data-testid="status">{STATUS_WORDS[status]}</b>
          <span className="sub">{known ? describeProgress(view, telemetry, now) : "Loading…"}</span>
        </div>
        {known && (
          <div>
            {telemetry && !now.over && <Left telemetry={telemetry} />}
            <span className="sub">
              {now.over ? (
                <AnswerLink view={view} telemetry={telemetry} />
              ) : (
                `Best so far: ${describeBest(view)}`
              )}
            </span>
          </div>
        )}
      </div>
      <fieldset className={styles.verbs} ref={verbs} tabIndex={-1}>
        <legend className="sr">Control this search</legend>
        {VERBS.map(({ verb, word, hint, icon }) => (
          <button
            type="button"
            key={verb}
            className="btn"
            title={hint}
            disabled={
              !ALLOWED_IN[verb].includes(status) || (steering.busy && verb !== "stop" && verb !== "cancel")
            }
            onClick={() => press(verb)}
            {...steering.readOnly}
          >
            <svg viewBox="0 0 12 12" fill="currentColor" aria-hidden="true">
              <path d={icon} />
            </svg>
            {word}
          </button>
        ))}
      </fieldset>
      <ConfirmDialog
        open={question === "stop"}
        title="Stop this search?"
        yes="Stop"
        no={status === "paused" ? "Keep paused" : "Keep running"}
        onAnswer={answer}
      >
        {now.answering
          ? "Ends now with the best candidate of the steps as its answer. The trainings of the finalists are discarded."
          : "Ends now and keeps the best cell that fits all limits, if there is one. Candidates in progress are discarded."}
      </ConfirmDialog>
      <ConfirmDialog
        open={question === "cancel"}
        title="Cancel this search?"
        yes="Cancel search"
        no={status === "paused" ? "Keep paused" : "Keep running"}
        onAnswer={answer}
      >
        Ends now without a result. The history stays visible.
      </ConfirmDialog>
    </header>
  );
}

function AnswerLink({ view, telemetry }: { view: View; telemetry: Telemetry | null }) {
  const words = `Answer: ${describeAnswer(view) || "none"}`;
  const id = telemetry?.architecture;
  return id ? <Link to={`/architectures/${id}`}>{words}</Link> : words;
}

/** What is left, counted down between the messages that say so, and where it runs. */
function Left({ telemetry: { left, workers } }: { telemetry: Telemetry }) {
  const counted = useRef({ left, at: Date.now() });
  if (counted.current.left.seconds?.join() !== left.seconds?.join())
    counted.current = { left, at: Date.now() };
  const age = useAge(counted.current.at) ?? 0;
  const words = [describeLeft(left, workers.length > 0 ? age : 0), describeWorkers(workers)];
  const text = words.filter(Boolean).join(", ");
  return text ? <span className="sub">{text}</span> : null;
}

/** The latest known status of the search. */
export function statusOf(search: SearchDetail, view: View, telemetry: Telemetry | null): SearchStatus {
  if (view.status === "finished" || view.status === "stopped" || view.status === "cancelled")
    return view.status;
  return telemetry?.status ?? (search.status as SearchStatus);
}
