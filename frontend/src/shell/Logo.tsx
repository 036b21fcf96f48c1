// The logo: an espalier, a tree trained flat along wires.
export function Logo() {
  return (
    <svg
      viewBox="0 0 20 20"
      fill="none"
      stroke="currentColor"
      strokeWidth="1.8"
      strokeLinecap="round"
      aria-hidden="true"
    >
      <path d="M10 18.5V2.5M3 10v2.5q0 3 3 3h8q3 0 3-3V10M5 5v2.5q0 2.5 2.5 2.5h5q2.5 0 2.5-2.5V5" />
    </svg>
  );
}
