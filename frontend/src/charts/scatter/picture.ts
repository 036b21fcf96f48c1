// A chart of many marks as data: what a canvas draws, and what each mark says. Marks mean the same as in SVG.

/** So many marks are still drawn as elements of SVG; with more, each frame of a live chart takes too long. */
const MOST_ELEMENTS = 1_000;

export const isMany = (marks: readonly unknown[]): boolean => marks.length > MOST_ELEMENTS;

export interface Spot {
  readonly x: number;
  readonly y: number;
}

/** A step of the colours of scores; over a limit; a member that is alive or dead; a candidate that was tested. */
export type Look = number | "over" | "alive" | "dead" | "tested";

/** Marks of a greater one are drawn over the others. */
export const orderOf = (look: Look): number => (typeof look === "number" ? look : -1);

export interface Mark extends Spot {
  readonly key: string;
  /** what it stands for, which is shared with the page; null: nothing on the page */
  readonly id: string | null;
  readonly look: Look;
}

export interface AxisOf {
  readonly range: readonly [low: number, high: number];
  readonly title: string;
  /** null: as many decimals as the ticks need */
  readonly text: ((value: number) => string) | null;
  /** about how many ticks */
  readonly count: number;
  /** ticks at whole numbers only */
  readonly whole?: boolean;
}

export interface Picture {
  readonly label: string;
  readonly x: AxisOf;
  readonly y: AxisOf;
  readonly marks: readonly Mark[];
  /** marks with a ring */
  readonly front: readonly Spot[];
  /** places that are joined, oldest first */
  readonly path: readonly Spot[];
  /** the path shows each of its places */
  readonly dotted: boolean;
  /** the last place of the path, and its value in words, if that is shown */
  readonly now: (Spot & { readonly text: string }) | null;
  /** the greatest x that is allowed */
  readonly limit: { readonly x: number; readonly text: string } | null;
}

/** Whether the pictures differ only in what lies on the marks. */
export function haveSameMarks(a: Picture, b: Picture): boolean {
  const same = (one: AxisOf, other: AxisOf) =>
    one.range[0] === other.range[0] && one.range[1] === other.range[1];
  return a.marks === b.marks && a.limit?.x === b.limit?.x && same(a.x, b.x) && same(a.y, b.y);
}

/** What is in focus: its marks stand out, the others may be pale. */
export interface Focus {
  readonly ids: ReadonlySet<string>;
  /** pale others: not where marks that are in no focus are many */
  readonly dims: boolean;
  /** lines between marks */
  readonly lines: readonly (readonly [from: Spot, to: Spot])[];
}

export const NO_FOCUS: Focus = { ids: new Set(), dims: false, lines: [] };
