// The head of a search: what it is, where it stands, and the verbs that steer it.
import { useState } from "react";
import { Link } from "react-router";
import { useNames } from "../../api/names";
import type { SearchDetail } from "../../api/types";
import type { View } from "../../live/events";
import type { Beside, SearchStatus } from "../../live/messages";
import { HEAD, type Steering } from "../../panels/steering/useSteering";
import type { Moment } from "../../search-view/moment";
import { progress, STATUS_WORDS } from "../../search-view/words";
import { Confirm } from "../../ui/Confirm";
import { StatusGlyph } from "../../ui/StatusGlyph";
import { useKeptFocus } from "../../ui/useKeptFocus";

interface HeadProps {
  search: SearchDetail;
  view: View;
  beside: Beside | null;
  now: Moment;
  steering: Steering;
}

const MAY: Record<"pause" | "resume" | "stop" | "cancel", readonly SearchStatus[]> = {
  pause: ["queued", "running"],
  resume: ["paused", "failed"],
  stop: ["queued", "running", "paused", "failed"],
  cancel: ["queued", "running", "paused", "failed"],
};

const VERBS = [
  {
    verb: "pause",
    word: "Pause",
    hint: "Let go of the candidates in training at once; they begin anew when it resumes",
    icon: "M2 1h3v10H2zM7 1h3v10H7z",
  },
  { verb: "resume", word: "Resume", hint: "Go on from where it paused", icon: "M2.5 1v10l8-5z" },
  {
    verb: "stop",
    word: "Stop",
    hint: "End now and keep the best cell inside every limit, if there is one",
    icon: "M2 2h8v8H2z",
  },
  {
    verb: "cancel",
    word: "Cancel",
    hint: "End now and keep nothing; the record stays",
    icon: "M1 2.2 2.2 1 6 4.8 9.8 1 11 2.2 7.2 6 11 9.8 9.8 11 6 7.2 2.2 11 1 9.8 4.8 6z",
  },
] as const;

export function Head({ search, view, beside, now, steering }: HeadProps) {
  const [asking, setAsking] = useState<"stop" | "cancel" | null>(null);
  const names = useNames();
  const verbs = useKeptFocus<HTMLFieldSetElement>();
  const status = statusOf(search, view, beside);
  const press = (verb: keyof typeof MAY) => {
    if (verb === "stop" || verb === "cancel") setAsking(verb);
    else void steering.send(HEAD, { kind: verb });
  };
  const answer = (yes: boolean) => {
    if (yes && asking) void steering.send(HEAD, { kind: asking });
    setAsking(null);
  };
  const { task } = view;
  const { parent } = search;
  return (
    <header className="search-head">
      <div className="what">
        <h1>{search.name}</h1>
        <div className="subs">
          <p className="sub">
            {[
              names.strategy(search.strategy),
              names.dataset(search.dataset),
              task && `seed ${task.seed}`,
              `by ${search.created_by}`,
            ]
              .filter(Boolean)
              .join(" · ")}
          </p>
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
      <div className="state">
        <StatusGlyph status={status} />
        <div>
          <b data-testid="status">{STATUS_WORDS[status]}</b>
          <span className="sub">{progress(view, beside, now)}</span>
        </div>
      </div>
      <fieldset className="verbs" ref={verbs} tabIndex={-1}>
        <legend className="sr">Steer this search</legend>
        {VERBS.map(({ verb, word, hint, icon }) => (
          <button
            type="button"
            key={verb}
            className="btn"
            title={hint}
            disabled={!MAY[verb].includes(status) || (steering.busy && verb !== "stop" && verb !== "cancel")}
            onClick={() => press(verb)}
            {...steering.watching}
          >
            <svg viewBox="0 0 12 12" fill="currentColor" aria-hidden="true">
              <path d={icon} />
            </svg>
            {word}
          </button>
        ))}
      </fieldset>
      <Confirm
        open={asking === "stop"}
        title="Stop this search?"
        yes="Stop"
        no="Keep running"
        onAnswer={answer}
      >
        It ends now. It keeps the best cell that was trained inside every limit, if there is one. Candidates
        in training are given up.
      </Confirm>
      <Confirm
        open={asking === "cancel"}
        title="Cancel this search?"
        yes="Cancel the search"
        no="Keep running"
        onAnswer={answer}
      >
        It ends now and no cell is kept. The record of what was tested stays.
      </Confirm>
    </header>
  );
}

/** The freshest word on how the search stands. */
export function statusOf(search: SearchDetail, view: View, beside: Beside | null): SearchStatus {
  if (view.status === "finished" || view.status === "stopped" || view.status === "cancelled")
    return view.status;
  return beside?.status ?? (search.status as SearchStatus);
}
