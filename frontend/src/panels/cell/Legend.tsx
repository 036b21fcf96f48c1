// The legend under the drawing: the states of edges, and the keyboard shortcuts.
import { useId } from "react";

/** They work while the drawing or a table row has the focus, not in text fields. */
const KEYS: readonly (readonly [keys: string[], does: string])[] = [
  [
    ["←", "→", "↑", "↓"],
    "walk along edges: its target, its source; along nodes: the next, an edge in or out",
  ],
  [["N"], "change between an edge and its node"],
  [["Enter"], "go to what can be done"],
  [["L"], "lock or unlock"],
  [["R"], "cut, once you say yes; restore what was cut"],
  [["U"], "take back your last edit; where it cut already, go to Restore"],
  [["Esc"], "let go, or back to the drawing"],
];

export function Legend({ matrix }: { matrix: boolean }) {
  return (
    <div className="legend-line">
      <States matrix={matrix} />
      <Keys />
    </div>
  );
}

function Keys() {
  const id = useId();
  return (
    <>
      <button type="button" className="btn small quiet" popoverTarget={id}>
        Keys
      </button>
      <div id={id} className="keys" popover="auto">
        <h2>Keys on the drawing</h2>
        <dl>
          {KEYS.map(([keys, does]) => (
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

function States({ matrix }: { matrix: boolean }) {
  return (
    <ul className="legend" aria-label="Key">
      <li>
        <svg viewBox="0 0 26 10" aria-hidden="true">
          <path className="k-thin" d="M1 3h24" />
          <path className="k-wide" d="M1 7.5h24" />
        </svg>
        {matrix ? "larger = fitter, deeper = tested more" : "wider = fitter, deeper = tested more"}
      </li>
      <li>
        <svg viewBox="0 0 26 10" aria-hidden="true">
          <path className="k-next" d="M1 5h18" />
          <path className="k-tip" d="M18 .5l7 4.5-7 4.5z" />
        </svg>
        next cut
      </li>
      <li>
        <svg viewBox="0 0 26 10" aria-hidden="true">
          <path className="k-lock" d="M1 3h24M1 7h24" />
        </svg>
        locked
      </li>
      <li>
        <svg viewBox="0 0 26 10" aria-hidden="true">
          <path className="k-line" d="M1 5h24" />
          <path className="k-diamond" d="M13 0l5 5-5 5-5-5zM10.5 2.5l5 5M12 1.2l5 5M9 3.8l5 5" />
        </svg>
        infeasible
      </li>
      <li>
        <svg viewBox="0 0 26 10" aria-hidden="true">
          <path className="k-gone" d="M1 5h24" />
        </svg>
        cut
      </li>
      <li>
        <svg viewBox="0 0 26 10" aria-hidden="true">
          <circle className="k-pending" cx="13" cy="5" r="4.2" />
          <path className="k-hands" d="M13 2.6V5.2l1.8 1.2" />
        </svg>
        asked for
      </li>
    </ul>
  );
}
