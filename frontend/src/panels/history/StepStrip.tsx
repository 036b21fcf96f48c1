// The steps of a search as a strip, and after its end the finalists and the answer. Selecting one shows the search at that
// moment; play runs through all.
import clsx from "clsx";
import { memo, type ReactNode, useEffect, useMemo, useRef, useState } from "react";
import { chainSize, isChain } from "../../dag/chain/blocks";
import type { DagGraph } from "../../dag/graph";
import { CellThumbnail } from "../../dag/Thumbnail";
import { formatInteger } from "../../format/numbers";
import { plural } from "../../format/text";
import { cutEdge, editedIds } from "../../live/edits";
import { cellAt, decisionAt, type Line } from "../../live/line";
import { nodesAt } from "../../live/lineNodes";
import type { Ending, Wanted } from "../../live/past";
import type { answerCell } from "../../search-view/answer";
import { changeName, changeOfStep, NO_CHANGE } from "../../search-view/changeText";
import { commandIcon } from "../../search-view/commandText";
import { graphOfNodes, type Moment } from "../../search-view/moment";
import { EventIcon, type EventIconKind } from "../../ui/EventIcon";
import styles from "./history.module.css";
import { piecesOf } from "./strip";

interface StepStripProps {
  graph: DagGraph;
  line: Line;
  moment: Moment;
  /** null while the search goes on */
  ending: Ending | null;
  /** the cell of the answer; null if there is none */
  answer: ReturnType<typeof answerCell> | null;
  /** why earlier steps are missing; null if none are */
  missing: string | null;
  showStep: (step: Wanted) => void;
  /** actions on the step that is shown */
  children: ReactNode;
}

/** Of a cell in a frame. */
const PICTURE = { form: "matrix", width: 48, height: 36 } as const;
const PLAY_INTERVAL_MS = 900;
/** Frames to the left and right of the middle of the strip that have a picture; those of a long search cost too much. */
const PICTURED = 60;
/** The squares of a larger cell would be smaller than half a pixel, and its picture as large as the cell. */
const MOST_IN_PICTURE = 64;
const MARKED_ICONS: ReadonlySet<EventIconKind> = new Set([
  "manual",
  "lock",
  "limit",
  "added",
  "rollback",
  "refused",
]);

export function StepStrip(props: StepStripProps) {
  const { graph, line, moment, ending, answer, missing, showStep, children } = props;
  const [playing, setPlaying] = useState(false);
  const strip = useRef<HTMLOListElement>(null);
  const [middle, setMiddle] = useState<number | null>(null); // the step there; null: not scrolled yet
  const { step, head, isAnswer } = moment;
  const isAfterSteps = isAnswer || (moment.finalists && moment.over);
  const { first, last } = line;

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
  }, [step, last, isAfterSteps]);

  const pieces = piecesOf(first, last, [step, middle ?? step]);
  const hasPictures = graph.nodes.length <= MOST_IN_PICTURE;
  const marks = useMemo(() => stepMarks(line), [line]);
  const play = () => {
    if (!playing && step >= last) showStep(first);
    setPlaying(!playing);
  };
  return (
    <section className={styles.stepStrip} aria-label="Steps" data-past={!head || moment.over}>
      <div className={styles.ctl}>
        <button
          type="button"
          className={styles.play}
          aria-label={playing ? "Pause replay" : "Replay the search from the start"}
          disabled={last === first}
          onClick={play}
        >
          <svg viewBox="0 0 14 14" fill="currentColor" aria-hidden="true">
            <path d={playing ? "M2 1h3.5v12H2zM8.5 1H12v12H8.5z" : "M3 1v12l10-6z"} />
          </svg>
        </button>
        <div>
          <b>{isAnswer ? "Answer" : moment.finalists && moment.over ? "Finalists" : `Step ${step}`}</b>
          <span className="sub">{momentWords(moment)}</span>
        </div>
      </div>
      <ol
        className={styles.frames}
        ref={strip}
        onScroll={({ currentTarget: list }) => {
          const share = (list.scrollLeft + list.clientWidth / 2) / list.scrollWidth;
          const index = Math.round((share * (last - first + 1)) / 20) * 20; // so that few scrolls render anything
          setMiddle(first + index);
        }}
      >
        {graph.edges.length > 0 &&
          pieces.map((piece) => {
            if ("room" in piece)
              return (
                <li
                  key={`${line.branch}/after ${piece.after}`}
                  className={styles.room}
                  aria-hidden="true"
                  style={{ width: piece.room }}
                />
              );
            const { step: k } = piece;
            return (
              <Frame
                key={`${line.branch}/${k}`}
                graph={graph}
                line={line}
                step={k}
                tip={k === last && ending === null}
                now={k === step && !isAfterSteps}
                pictured={hasPictures && Math.abs(k - (middle ?? step)) <= PICTURED}
                mark={marks.get(k) ?? null}
                go={showStep}
                halt={setPlaying}
              />
            );
          })}
        {ending !== null && ending.finalists !== null && (
          <EndFrame word="Finalists" now={isAfterSteps && !isAnswer} go={() => showStep("finalists")} />
        )}
        {answer && (
          <EndFrame word="Answer" now={isAnswer} go={() => showStep(null)}>
            {hasPictures ? (
              <CellThumbnail
                graph={isChain(graph.nodes) ? answer.graph : graph}
                live={answer.live}
                {...PICTURE}
              />
            ) : (
              <span className={styles.noPicture} />
            )}
          </EndFrame>
        )}
      </ol>
      {missing && <p className="sub">{missing}</p>}
      {children}
    </section>
  );
}

interface FrameProps {
  graph: DagGraph;
  line: Line;
  step: number;
  /** it follows the search */
  tip: boolean;
  now: boolean;
  /** the frame is so near that its cell is drawn */
  pictured: boolean;
  mark: EventIconKind | null;
  go: (step: Wanted) => void;
  halt: (playing: false) => void;
}

/** Memoised: decided steps never change, so only the newest and the selected frame render again. */
const Frame = memo(
  function Frame({ graph, line, step, tip, now, pictured, mark, go, halt }: FrameProps) {
    const cell = cellAt(line, step);
    const decided = decisionAt(line, step);
    const next = decisionAt(line, step + 1);
    const cut = next ? cutEdge(next.edits) : null;
    const chain = isChain(graph.nodes) ? graphOfNodes(nodesAt(line, step)) : null;
    const { count, unit } = chain ? chainSize(chain.nodes) : { count: cell.size, unit: "edge" };
    const size = plural(count, unit);
    const change =
      decided && cutEdge(decided.edits) === null ? changeName(changeOfStep(line, decided)) : size;
    return (
      <li className={change === NO_CHANGE ? styles.same : undefined}>
        <button
          type="button"
          className={clsx(styles.frame, now && styles.now, tip && styles.tip)}
          aria-current={now ? "step" : undefined}
          aria-label={[
            `Step ${step}`,
            ...new Set(change === NO_CHANGE ? [change, size] : [size, change]),
          ].join(", ")}
          onClick={() => {
            halt(false);
            go(tip ? null : step);
          }}
        >
          <span className={styles.ev}>{mark && <EventIcon kind={mark} />}</span>
          {pictured ? (
            chain ? (
              <CellThumbnail
                graph={chain}
                {...PICTURE}
                {...(decided && { marked: editedIds(decided.edits) })}
              />
            ) : (
              <CellThumbnail graph={graph} live={cell} {...PICTURE} {...(cut && { cut: new Set([cut]) })} />
            )
          ) : (
            <span className={styles.noPicture} />
          )}
          <span className={styles.cap}>
            <b>{step}</b> <span>· {change === NO_CHANGE ? NO_CHANGE : formatInteger(count)}</span>
            {change !== NO_CHANGE && <span className={styles.unit}> {count === 1 ? unit : `${unit}s`}</span>}
          </span>
        </button>
      </li>
    );
  },
  (a, b) =>
    !a.tip &&
    !b.tip &&
    a.now === b.now &&
    a.pictured === b.pictured &&
    a.step === b.step &&
    a.line.first === b.line.first &&
    a.graph === b.graph &&
    a.mark === b.mark &&
    a.go === b.go,
);

/** A moment after the last step. */
function EndFrame({
  word,
  now,
  go,
  children = <span className={styles.noPicture} />,
}: {
  word: string;
  now: boolean;
  go: () => void;
  children?: ReactNode;
}) {
  return (
    <li>
      <button
        type="button"
        className={clsx(styles.frame, now && styles.now)}
        aria-current={now ? "step" : undefined}
        onClick={go}
      >
        <span className={styles.ev} />
        {children}
        <span className={styles.cap}>
          <b>{word}</b>
        </span>
      </button>
    </li>
  );
}

function momentWords(moment: Moment): string {
  if (moment.isAnswer) return "of the search";
  if (moment.finalists && moment.over) return "trained";
  if (!moment.head) return "replay";
  if (moment.abandoned) return "last step of this branch";
  return moment.over || moment.answering ? "last step" : "latest";
}

/** The last thing that a person did at each step. */
function stepMarks({ commands, parts }: Line): Map<number, EventIconKind> {
  const marks = new Map<number, EventIconKind>();
  // Where the line goes on in another branch, it was rolled back.
  for (const { until } of parts.slice(0, -1)) marks.set(until, "rollback");
  for (const { step, kind, refused } of commands) {
    const icon = refused ? "refused" : commandIcon(kind);
    if (MARKED_ICONS.has(icon)) marks.set(step, icon);
  }
  return marks;
}
