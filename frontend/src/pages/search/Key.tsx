// The key under the drawing: each state by its form.
export function Key({ matrix }: { matrix: boolean }) {
  return (
    <ul className="key" aria-label="Key">
      <li>
        <svg viewBox="0 0 26 10" aria-hidden="true">
          <path className="k-thin" d="M1 3h24" />
          <path className="k-wide" d="M1 7.5h24" />
        </svg>
        {matrix
          ? "active: larger = fitter, deeper = tested more"
          : "active: wider = fitter, deeper = tested more"}
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
    </ul>
  );
}
