// One limit as a text field and a draggable bar. The bar shows the smallest graph, the limit and the largest graph; the
// hatched part must be removed.

import clsx from "clsx";
import type { KeyboardEvent, PointerEvent } from "react";
import { type CostDefinition, type CostUnit, limitInFull, limitText, unitFor } from "../../format/costs";
import { formatPercent } from "../../format/numbers";
import { FieldError, NumberBox } from "../../ui/forms/Fields";
import { Term } from "../../ui/Term";
import { useElementSize } from "../../ui/useElementSize";
import { type EndName, placeOf, type Range, shareToRemove, stepLimit, valueAt, verdictOf } from "./budget";
import styles from "./budgets.module.css";

interface BudgetBarProps {
  words: CostDefinition;
  note: string;
  range: Range | null;
  name: EndName;
  limit: number | null;
  text: string | undefined; // only while the user types
  /** of what is typed */
  error: string | undefined;
  /** why the limit cannot be met */
  impossible: string | undefined;
  onType: (text: string) => void;
  onSettle: () => void;
  onLimit: (value: number | null) => void;
}

export function BudgetBar(props: BudgetBarProps) {
  const { words, note, range, name, limit, text, error, impossible, onType, onSettle, onLimit } = props;
  const wrong = error ?? impossible;
  const id = `limit-${words.key}`;
  const unit = unitFor(words, range?.largest ?? 1); // the bar moves in round numbers of this
  const nudge = (event: KeyboardEvent<HTMLInputElement>) => {
    const next = range ? stepLimit(limit, range, event.key, unit) : undefined;
    if (next === undefined) return;
    event.preventDefault();
    onLimit(next);
  };
  return (
    <div className={styles.budget}>
      <div>
        <label htmlFor={id}>{words.name}</label> <Term name={words.key} />
        <small>{note}</small>
      </div>
      <div>
        <NumberBox
          id={id}
          unit={null}
          value={text ?? limitText(words, limit)}
          placeholder="no limit"
          onChange={onType}
          onKeyDown={nudge}
          onBlur={onSettle}
          aria-describedby={`${id}-full ${id}-span${wrong ? ` ${id}-error` : ""}`}
          aria-invalid={Boolean(wrong)}
        />
        <small className={styles.full} id={`${id}-full`}>
          {limit !== null && !error && `= ${limitInFull(words, limit)}`}
        </small>
      </div>
      {range ? (
        <Bar range={range} name={name} limit={limit} unit={unit} words={words} onLimit={onLimit} />
      ) : (
        <div className={styles.barGap} />
      )}
      <span className="sr" id={`${id}-span`}>
        {range ? describeRange(props, range) : "Calculating cost…"}
      </span>
      {wrong && <FieldError id={`${id}-error`}>{wrong}</FieldError>}
    </div>
  );
}

function describeRange({ words, name, limit }: BudgetBarProps, range: Range): string {
  const whole = `${name.largest} ${name.graph}`;
  const ends = `Smallest ${name.graph} ${words.show(range.smallest)}, ${whole} ${words.show(range.largest)}.`;
  const gone = shareToRemove(limit, range);
  return gone > 0 ? `${ends} The limit is ${formatPercent(gone, 0)} below the ${whole}.` : ends;
}

type BarProps = Pick<BudgetBarProps, "limit" | "words" | "name" | "onLimit"> & {
  range: Range;
  unit: CostUnit;
};

function Bar({ range, name, limit, unit, words, onLimit }: BarProps) {
  const [box, { width }] = useElementSize<HTMLDivElement>();
  const drag = (event: PointerEvent<HTMLDivElement>) => {
    if (event.type === "pointerdown") event.currentTarget.setPointerCapture(event.pointerId);
    else if (!event.currentTarget.hasPointerCapture(event.pointerId)) return;
    const { left } = event.currentTarget.getBoundingClientRect();
    onLimit(valueAt((event.clientX - left) / Math.max(1, width), range, unit));
  };
  return (
    <div className={styles.barDrag} ref={box} onPointerDown={drag} onPointerMove={drag} aria-hidden="true">
      {width > 0 && <Drawing width={width} range={range} name={name} limit={limit} words={words} />}
    </div>
  );
}

const CHAR = 5.9; // width of a tick label's letter, to keep labels apart
const MID = 18;

function Drawing({
  width,
  range,
  name,
  limit,
  words,
}: {
  width: number;
  range: Range;
  name: EndName;
  limit: number | null;
  words: CostDefinition;
}) {
  const at = (value: number | null) => placeOf(value, range) * width;
  const [low, high] = [at(range.smallest), at(range.largest)];
  const mark = Math.min(width - 6, Math.max(6, at(limit)));
  const verdict = verdictOf(limit, range);
  const bad = verdict === "impossible";
  const stays = Math.min(mark, high);
  const left = `smallest ${words.show(range.smallest)}`;
  const right = `${name.largest} ${words.show(range.largest)}`;
  const rightEnd = Math.max(high, (left.length + right.length + 4) * CHAR);
  const rightStart = rightEnd - right.length * CHAR;
  const leftStart = Math.max(0, Math.min(low - 20, rightStart - (left.length + 2) * CHAR));
  const leftEnd = leftStart + left.length * CHAR;
  const gone = `${formatPercent(shareToRemove(limit, range), 0)} below ${name.largest}`;
  const half = (gone.length * CHAR) / 2 + 6;
  const fits = rightStart - leftEnd > 2 * half;
  return (
    <svg aria-hidden="true">
      <path d={`M0 ${MID}H${width}`} stroke="var(--wire)" strokeWidth="10" />
      {bad ? (
        <path d={`M${mark} ${MID}H${low}`} stroke="var(--cut)" strokeWidth="10" />
      ) : (
        <path d={`M${low} ${MID}H${stays}`} stroke="var(--leaf-2)" strokeWidth="10" />
      )}
      {verdict === "must-go" && (
        <path d={`M${mark} ${MID}H${high}`} stroke="var(--edge-ui)" strokeWidth="10" strokeDasharray="2 3" />
      )}
      <path d={`M${low} ${MID - 7}v16M${high} ${MID - 7}v16`} stroke="var(--ink-3)" />
      <g
        stroke={bad ? "var(--cut)" : "var(--ink)"}
        fill={bad ? "var(--cut)" : "var(--ink)"}
        opacity={limit === null ? 0.45 : 1}
      >
        <path d={`M${mark} ${MID - 11}v22`} strokeWidth="2.5" />
        <path d={`M${mark - 5} ${MID - 15}h10l-5 6z`} stroke="none" />
      </g>
      <text className="tick" x={leftStart} y="41">
        {left}
      </text>
      <text className="tick" x={rightEnd} y="41" textAnchor="end">
        {right}
      </text>
      {verdict === "must-go" && fits && (
        <text
          className={clsx("tick", styles.must)}
          x={Math.min(rightStart - half, Math.max(leftEnd + half, mark))}
          y="41"
          textAnchor="middle"
        >
          {gone}
        </text>
      )}
    </svg>
  );
}
