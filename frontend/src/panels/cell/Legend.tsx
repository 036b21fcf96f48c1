// The legend under the drawing: the states of edges, and the keyboard shortcuts.

import { type ReactNode, useId } from "react";
import type { EdgeState } from "../../dag/graph";
import type { Moment } from "../../search-view/moment";
import { Term } from "../../ui/Term";
import styles from "./cell.module.css";

/** They work while the drawing or a table row has the focus, not in text fields. */
type Key = readonly [keys: string[], does: string];
const KEYS: readonly Key[] = [
  [["Enter"], "Go to the actions"],
  [["L"], "Lock or unlock"],
  [["R"], "Cut (asks first), or restore a cut edge"],
  [["U"], "Undo your last request; if the cut was made already, go to Restore"],
  [["Esc"], "Clear the selection, or return to the drawing"],
];

const CELL_KEYS: readonly Key[] = [
  [
    ["←", "→", "↑", "↓"],
    "Move along edges, to the target or the source. On nodes: to the next node or an edge",
  ],
  [["N"], "Switch between an edge and its node"],
  ...KEYS,
];
const CHAIN_KEYS: readonly Key[] = [
  [["←", "→"], "Move to the block before or after"],
  [["Home", "End"], "Move to the first or the last block"],
  ...KEYS.filter(([keys]) => !keys.includes("R")),
];

interface LegendProps {
  form: "trellis" | "matrix" | "chain";
  moment: Moment;
}

export function Legend(props: LegendProps) {
  return (
    <div className={styles.legendLine}>
      <States {...props} />
      <Keys chain={props.form === "chain"} />
    </div>
  );
}

function Keys({ chain }: { chain: boolean }) {
  const id = useId();
  const keys = chain ? CHAIN_KEYS : CELL_KEYS;
  return (
    <>
      <button type="button" className="btn small quiet" popoverTarget={id}>
        Keyboard shortcuts
      </button>
      <div id={id} className={styles.keys} popover="auto">
        <h2>Keyboard shortcuts in the drawing</h2>
        <dl>
          {keys.map(([keys, does]) => (
            <div key={does}>
              <dt>
                {keys.map((key) => (
                  <kbd key={key}>{key}</kbd>
                ))}
              </dt>
              <dd>{does}</dd>
            </div>
          ))}
        </dl>
      </div>
    </>
  );
}

/** The marks of the states: in the trellis they are lines, in the matrix squares. */
const LINES = {
  importance: (
    <>
      <path className={styles.kThin} d="M1 3h24" />
      <path className={styles.kWide} d="M1 7.5h24" />
    </>
  ),
  next: (
    <>
      <path className={styles.kNext} d="M1 5h18" />
      <path className={styles.kTip} d="M18 .5l7 4.5-7 4.5z" />
    </>
  ),
  locked: <path className={styles.kLock} d="M1 3h24M1 7h24" />,
  infeasible: (
    <>
      <path className={styles.kLine} d="M1 5h24" />
      <path className={styles.kDiamond} d="M13 0l5 5-5 5-5-5zM10.5 2.5l5 5M12 1.2l5 5M9 3.8l5 5" />
    </>
  ),
  removed: <path className={styles.kGone} d="M1 5h24" />,
};
const SQUARES: typeof LINES = {
  importance: (
    <>
      <path className={styles.kFaint} d="M5 3h4v4H5z" />
      <path className={styles.kStrong} d="M13 0h10v10H13z" />
    </>
  ),
  next: <path className={styles.kTip} d="M8 .5h10l-5 9z" />,
  locked: (
    <>
      <path className={styles.kLock} d="M8.5 .5h9v9h-9z" />
      <path className={styles.kCore} d="M11 3h4v4h-4z" />
    </>
  ),
  infeasible: (
    <>
      <path className={styles.kMiddle} d="M8 0h10v10H8z" />
      <path className={styles.kDiamond} d="M13 1l4 4-4 4-4-4z" />
    </>
  ),
  removed: <path className={styles.kGone} d="M9 9l8-8" />,
};

function Mark({ children }: { children: ReactNode }) {
  return (
    <svg viewBox="0 0 26 10" aria-hidden="true">
      {children}
    </svg>
  );
}

/** What the shape of a block says. */
function ChainShapes() {
  return (
    <>
      <li>
        <Mark>
          <path className={styles.kBlock} d="M3 2h6v6H3zM17 0h6v10h-6z" />
        </Mark>
        Higher: more channels
      </li>
      <li>
        <Mark>
          <path className={styles.kBlock} d="M1 1h8v8H1zM9 1h8v8H9zM17 1h8v8H17z" />
        </Mark>
        Slices: layers, with a waist at the bottleneck
      </li>
      <li>
        <Mark>
          <path className={styles.kPointer} d="M8 2h10l-5 6z" />
        </Mark>
        Changed; dashed: before, or as a candidate
      </li>
    </>
  );
}

/** Only what occurs in the drawing. A search that replaces the whole cell tests no single edge. */
function States({ form, moment }: LegendProps) {
  const { cuts, edges, nodes } = moment;
  const [matrix, chain] = [form === "matrix", form === "chain"];
  const marks = matrix ? SQUARES : LINES;
  const has = (state: EdgeState) => edges.some((edge) => edge.state === state);
  const isPending = [...edges, ...nodes].some(({ pendingCommand }) => pendingCommand !== null);
  return (
    <ul className={styles.legend} aria-label="Legend">
      {chain && <ChainShapes />}
      {cuts && !chain && (
        <li>
          <Mark>{marks.importance}</Mark>
          <span>
            {matrix ? "Larger" : "Thicker"}: <Term name="importance">matters more</Term>. Stronger colour:{" "}
            <Term name="evidence">tested more often</Term>
          </span>
        </li>
      )}
      {has("next") && (
        <li>
          <Mark>{marks.next}</Mark>
          Next cut
        </li>
      )}
      {moment.locked.size > 0 && (
        <li>
          <Mark>{marks.locked}</Mark>
          Locked
        </li>
      )}
      {has("infeasible") && (
        <li>
          <Mark>{marks.infeasible}</Mark>
          Not allowed (would raise a cost)
        </li>
      )}
      {has("removed") && !chain && (
        <li>
          <Mark>{marks.removed}</Mark>
          {cuts ? "Cut" : "Removed"}
        </li>
      )}
      {isPending && (
        <li>
          <Mark>
            <circle className={styles.kPending} cx="13" cy="5" r="4.2" />
            <path className={styles.kHands} d="M13 2.6V5.2l1.8 1.2" />
          </Mark>
          Requested
        </li>
      )}
      {form === "trellis" && (
        <li>
          <Mark>
            <path className={styles.kLeaf} d="M6 7c2-6 8-7 14-6-1 6-7 9-14 6z" />
          </Mark>
          <Term name="leaf">Output</Term>
        </li>
      )}
    </ul>
  );
}
