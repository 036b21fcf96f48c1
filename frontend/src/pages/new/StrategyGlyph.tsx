// A small picture of how a strategy searches, for its card.

import type { ReactNode } from "react";
import styles from "./options.module.css";

/** Before and after an arrow, so that all glyphs share one rhythm. */
const ARROW = <path d="M39 15h12m-4-4l4 4-4 4" stroke="var(--ink-3)" strokeWidth="1.25" />;

const GLYPHS: Readonly<Record<string, ReactNode>> = {
  // a cell that loses an edge
  autoshrink: (
    <>
      <path d="M2 6h30M2 15h30M2 24h30M58 6h30M58 24h30" stroke="var(--leaf-2)" strokeWidth="2" />
      <path d="M58 15h30" stroke="var(--trace)" strokeDasharray="2 3" />
      {ARROW}
    </>
  ),
  // independent draws, of which one is the best
  random: (
    <>
      <g fill="var(--edge-ui)">
        <circle cx="5" cy="21" r="2.5" />
        <circle cx="13" cy="7" r="2.5" />
        <circle cx="19" cy="25" r="2.5" />
        <circle cx="30" cy="20" r="2.5" />
      </g>
      <circle cx="25" cy="9" r="3" fill="var(--leaf-2)" />
      {ARROW}
      <circle cx="73" cy="15" r="4.5" fill="var(--leaf-2)" />
    </>
  ),
  // a parent and its mutated children
  evolution: (
    <>
      <circle cx="17" cy="15" r="4.5" fill="var(--leaf-2)" />
      {ARROW}
      <path d="M60 15h8m0-9v18M68 6h8M68 15h8M68 24h8" stroke="var(--edge-ui)" strokeWidth="1.5" />
      <g fill="var(--edge-ui)">
        <circle cx="80" cy="6" r="2.5" />
        <circle cx="80" cy="24" r="2.5" />
      </g>
      <circle cx="80" cy="15" r="3.5" fill="var(--leaf-2)" />
    </>
  ),
  // of many the best are kept, and one block of such a chain is changed
  zico: (
    <>
      <g fill="var(--edge-ui)">
        <circle cx="4" cy="25" r="2" />
        <circle cx="11" cy="19" r="2" />
        <circle cx="14" cy="26" r="2" />
        <circle cx="21" cy="17" r="2" />
        <circle cx="24" cy="24" r="2" />
        <circle cx="31" cy="20" r="2" />
      </g>
      <g fill="var(--leaf-2)">
        <circle cx="7" cy="12" r="2.5" />
        <circle cx="17" cy="7" r="2.5" />
        <circle cx="28" cy="5" r="2.5" />
      </g>
      {ARROW}
      <path d="M58 10h7v10h-7zM80 10h7v10h-7z" fill="var(--edge-ui)" />
      <path d="M69 4h7v22h-7z" fill="var(--leaf-2)" />
    </>
  ),
};

/** One cell leads to another. */
const NEUTRAL = (
  <>
    <circle cx="17" cy="15" r="4.5" stroke="var(--edge-ui)" strokeWidth="1.5" />
    {ARROW}
    <circle cx="73" cy="15" r="4.5" stroke="var(--edge-ui)" strokeWidth="1.5" />
  </>
);

export function StrategyGlyph({ name }: { name: string }) {
  return (
    <svg className={styles.glyph} viewBox="0 0 92 30" fill="none" aria-hidden="true">
      {GLYPHS[name] ?? NEUTRAL}
    </svg>
  );
}
