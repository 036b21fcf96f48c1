// How the parts of a layered drawing look: lines of the same style together, so that each style is drawn as one path.
import {
  type EdgeAppearance,
  type EdgeState,
  evidenceLevel,
  type NodeAppearance,
  type Scene,
} from "../graph";
import { importanceSpread, lineWidth } from "../trellis";
import type { Layout } from "./layout";

/** The lines of a style; `state` is null where no search says how they are. */
export interface LineStyle {
  readonly state: EdgeState | null;
  readonly evidence: 1 | 2 | 3;
  readonly width: number;
}

export interface Looks {
  /** in the order of drawing */
  readonly styles: readonly { readonly style: LineStyle; readonly pieces: readonly number[] }[];
  readonly nodes: ReadonlyMap<number, NodeAppearance>;
  readonly edges: ReadonlyMap<string, EdgeAppearance>;
  readonly pale: boolean;
}

const HEIGHTS: Record<EdgeState, number> = { removed: 0, active: 1, infeasible: 2, locked: 3, next: 4 };
const WIDTHS = 2; // steps of a width a pixel
const UNKNOWN: LineStyle = { state: null, evidence: 2, width: 1.4 };

export function looksOf(layout: Layout, scene: Scene | null): Looks {
  const edges = new Map((scene?.edges ?? []).map((edge) => [edge.id, edge]));
  const spread = importanceSpread(scene?.edges ?? []);
  const styles = new Map<string, { style: LineStyle; pieces: number[] }>();
  layout.pieces.forEach(({ edges: ids }, piece) => {
    let top: EdgeAppearance | undefined;
    for (const id of ids) {
      const edge = edges.get(id);
      if (edge && (!top || HEIGHTS[edge.state] > HEIGHTS[top.state])) top = edge;
    }
    const style = top ? styleOf(top, spread) : UNKNOWN;
    const key = `${style.state} ${style.evidence} ${style.width}`;
    const group = styles.get(key) ?? { style, pieces: [] };
    group.pieces.push(piece);
    styles.set(key, group);
  });
  const height = ({ state }: LineStyle) => (state === null ? 1 : HEIGHTS[state]);
  return {
    styles: [...styles.values()].sort(
      (a, b) =>
        height(a.style) - height(b.style) ||
        a.style.width - b.style.width ||
        a.style.evidence - b.style.evidence,
    ),
    nodes: new Map((scene?.nodes ?? []).map((node) => [node.id, node])),
    edges,
    pale: scene?.pale === true,
  };
}

function styleOf(edge: EdgeAppearance, spread: number): LineStyle {
  const width = edge.state === "locked" ? 5 : lineWidth(edge, spread);
  return {
    state: edge.state,
    evidence: edge.state === "active" ? evidenceLevel(edge.tests) : 2,
    width: Math.round(width * WIDTHS) / WIDTHS,
  };
}
