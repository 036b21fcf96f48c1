// The steps of a search as a strip. Selecting one shows the search at that step; play runs through all.
import "./history.css";
import { memo, type ReactNode, useEffect, useMemo, useRef, useState } from "react";
import type { DagGraph } from "../../dag/graph";
import { MatrixThumbnail } from "../../dag/Thumbnail";
import { plural } from "../../format/text";
import type { View } from "../../live/events";
import { changeName, NO_CHANGE } from "../../search-view/changeText";
import { describeLog } from "../../search-view/eventText";
import type { Moment } from "../../search-view/moment";
import { activeEdgesAt, branchLines, decisionAt, firstStep } from "../../search-view/replay";
import { EventIcon, type EventIconKind } from "../../ui/EventIcon";

interface StepStripProps {
  graph: DagGraph;
  view: View;
  moment: Moment;
  showStep: (step: number | null) => void;
  /** actions on the step that is shown */
  children: ReactNode;
}

const PLAY_INTERVAL_MS = 900;
const MARKED_ICONS: ReadonlySet<EventIconKind> = new Set([
  "manual",
  "lock",
  "limit",
  "added",
  "rollback",
  "refused",
]);

export function StepStrip({ graph, view, moment, showStep, children }: StepStripProps) {
  const [playing, setPlaying] = useState(false);
  const strip = useRef<HTMLOListElement>(null);
  const { step, head } = moment;
  const [first, last] = [firstStep(view), view.step];

  useEffect(() => {
    if (!playing) return;
    const timer = setTimeout(() => {
      if (step >= last) setPlaying(false);
      else showStep(step + 1 >= last ? null : step + 1);
    }, PLAY_INTERVAL_MS);
    return () => clearTimeout(timer);
  }, [playing, step, last, showStep]);

  // Keeps the selected frame in view without scrolling the page.
  // biome-ignore lint/correctness/useExhaustiveDependencies: scroll when the step changes
  useEffect(() => {
    const list = strip.current;
    const frame = list?.querySelector<HTMLElement>("[aria-current]");
    if (list && frame) list.scrollTo({ left: frame.offsetLeft - list.clientWidth / 2 });
  }, [step, last]);

  const steps = Array.from({ length: last - first + 1 }, (_, k) => first + k);
  const marks = useMemo(() => stepMarks(view), [view]);
  const play = () => {
    if (!playing && step >= last) showStep(first);
    setPlaying(!playing);
  };
  return (
    <section className="step-strip" aria-label="Steps" data-past={!head || moment.over}>
      <div className="ctl">
        <button
          type="button"
          className="play"
          aria-label={playing ? "Pause replay" : "Replay the search from the start"}
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
            {!head
              ? "replay"
              : moment.abandoned
                ? "last step of this branch"
                : moment.over || moment.answering
                  ? "last step"
                  : "latest"}
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
              go={showStep}
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
  mark: EventIconKind | null;
  go: (step: number | null) => void;
  halt: (playing: false) => void;
}

/** Memoised: decided steps never change, so only the newest and the selected frame render again. */
const Frame = memo(
  function Frame({ graph, view, step, final, now, mark, go, halt }: FrameProps) {
    const activeEdges = activeEdgesAt(view, step);
    const cut = decisionAt(view, step + 1)?.edge;
    const decided = decisionAt(view, step);
    const size = plural(activeEdges.size, "edge");
    const change = decided && decided.edge === null ? changeName(decided) : size;
    return (
      <li className={change === NO_CHANGE ? "same" : undefined}>
        <button
          type="button"
          className={`frame${now ? " now" : ""}${final ? " tip" : ""}`}
          aria-current={now ? "step" : undefined}
          aria-label={[`Step ${step}`, ...new Set([size, change])].join(", ")}
          onClick={() => {
            halt(false);
            go(final ? null : step);
          }}
        >
          <span className="ev">{mark && <EventIcon kind={mark} />}</span>
          <MatrixThumbnail graph={graph} live={activeEdges} {...(cut && { cut: new Set([cut]) })} />
          <span className="cap">
            <b>{step}</b> <span>· {change === NO_CHANGE ? NO_CHANGE : size}</span>
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

function stepMarks(view: View): Map<number, EventIconKind> {
  const marks = new Map<number, EventIconKind>();
  for (const { words, step } of describeLog(view, branchLines(view)))
    if (MARKED_ICONS.has(words.icon)) marks.set(step, words.icon);
  return marks;
}
