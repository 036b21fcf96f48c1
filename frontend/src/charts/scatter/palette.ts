// The colours of a chart on a canvas, from the design tokens.
import { resolveTokens } from "../../dag/layered/palette";

const TOKENS = {
  paper: "--paper",
  ink: "--ink",
  softInk: "--ink-2",
  paleInk: "--ink-3",
  line: "--edge-ui",
  grid: "--wire",
  alive: "--leaf-2",
  allowed: "--leaf-wash",
  cut: "--cut",
  ring: "--score-ring",
  focus: "--focus",
} as const;

const SCORES = Object.fromEntries(Array.from({ length: 10 }, (_, step) => [String(step), `--score-${step}`]));

export interface Palette extends Readonly<Record<keyof typeof TOKENS, string>> {
  readonly font: string;
  /** from low to high */
  readonly scores: readonly string[];
}

export function readPalette(host: HTMLElement): Palette {
  const scores = resolveTokens(host, SCORES);
  return {
    ...resolveTokens(host, TOKENS),
    scores: Object.keys(SCORES).map((step) => scores[step] ?? ""),
  };
}
