// The search as a strip of steps. A step shows that moment again; play runs through them.
import "./history.css";
import { memo, type ReactNode, useEffect, useMemo, useRef, useState } from "react";
import type { DagGraph } from "../../dag/graph";
import { Triangle } from "../../dag/Thumb";
import { plural } from "../../format/text";
import type { View } from "../../live/events";
import type { Moment } from "../../search-view/moment";
import { decisionOf, firstStep, livingAt, ownLines } from "../../search-view/replay";
import { wordsOf } from "../../search-view/said";
import { EventIcon, type EventKindIcon } from "../../ui/EventIcon";

interface FilmProps {
  graph: DagGraph;
  view: View;
  moment: Moment;
  go: (step: number | null) => void;
  /** what can be done with the step that is shown */
  children: ReactNode;
}

const BEAT = 900;
const SEEN_IN_STRIP: ReadonlySet<EventKindIcon> = new Set([
  "hand",
  "lock",
  "limit",
  "added",
  "back",
  "refused",
]);

export function Film({ graph, view, moment, go, children }: FilmProps) {
  const [playing, setPlaying] = useState(false);
  const strip = useRef<HTMLOListElement>(null);
  const { step, head } = moment;
  const [first, last] = [firstStep(view), view.step];

  useEffect(() => {
    if (!playing) return;
    const timer = setTimeout(() => {
      if (step >= last) setPlaying(false);
      else go(step + 1 >= last ? null : step + 1);
    }, BEAT);
    return () => clearTimeout(timer);
  }, [playing, step, last, go]);

  // The chosen frame stays in sight; the page itself never scrolls for it.
  // biome-ignore lint/correctness/useExhaustiveDependencies: a new step is the reason to look again
  useEffect(() => {
    const list = strip.current;
    const frame = list?.querySelector<HTMLElement>("[aria-current]");
    if (list && frame) list.scrollTo({ left: frame.offsetLeft - list.clientWidth / 2 });
  }, [step, last]);

  const steps = Array.from({ length: last - first + 1 }, (_, k) => first + k);
  const marks = useMemo(() => marksOf(view), [view]);
  const play = () => {
    if (!playing && step >= last) go(first);
    setPlaying(!playing);
  };
  return (
    <section className="film" aria-label="Steps" data-past={!head || moment.over}>
      <div className="ctl">
        <button
          type="button"
          className="play"
          aria-label={playing ? "Pause the replay" : "Play the search from the start"}
          disabled={last === first}
          onClick={play}
        >
          <svg viewBox="0 0 14 14" fill="currentColor" aria-hidden="true">
            <path d={playing ? "M2 1h3.5v12H2zM8.5 1H12v12H8.5z" : "M3 1v12l10-6z"} />
          </svg>
        </button>
        <div>
          <b>Step {step}</b>
          <span className="sub">
            {!head ? "replay" : moment.left ? "as it was left" : moment.over ? "the end" : "live"}
          </span>
        </div>
      </div>
      <ol className="frames" ref={strip}>
        {graph.edges.length > 0 &&
          steps.map((k) => (
            <Frame
              key={`${view.branch}/${k}`}
              graph={graph}
              view={view}
              step={k}
              final={k === last}
              now={k === step}
              mark={marks.get(k) ?? null}
              go={go}
              halt={setPlaying}
            />
          ))}
      </ol>
      {children}
    </section>
  );
}

interface FrameProps {
  graph: DagGraph;
  view: View;
  step: number;
  final: boolean;
  now: boolean;
  mark: EventKindIcon | null;
  go: (step: number | null) => void;
  halt: (playing: false) => void;
}

/** A step that was decided never changes again; only the newest one and the chosen one are drawn anew. */
const Frame = memo(
  function Frame({ graph, view, step, final, now, mark, go, halt }: FrameProps) {
    const living = livingAt(view, step);
    const cut = decisionOf(view, step + 1)?.edge;
    return (
      <li>
        <button
          type="button"
          className={`frame${now ? " now" : ""}${final ? " tip" : ""}`}
          aria-current={now ? "step" : undefined}
          aria-label={`Step ${step}, ${plural(living.size, "edge")}`}
          onClick={() => {
            halt(false);
            go(final ? null : step);
          }}
        >
          <span className="ev">{mark && <EventIcon kind={mark} />}</span>
          <Triangle graph={graph} live={living} {...(cut && { cut: new Set([cut]) })} />
          <span className="cap">
            <b>{step}</b> {living.size}
          </span>
        </button>
      </li>
    );
  },
  (a, b) =>
    !a.final &&
    !b.final &&
    a.now === b.now &&
    a.step === b.step &&
    a.graph === b.graph &&
    a.mark === b.mark &&
    a.go === b.go,
);

function marksOf(view: View): Map<number, EventKindIcon> {
  const marks = new Map<number, EventKindIcon>();
  for (const { words, step } of wordsOf(ownLines(view)))
    if (SEEN_IN_STRIP.has(words.icon)) marks.set(step, words.icon);
  return marks;
}
