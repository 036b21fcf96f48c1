// The graphs that a search drew, and those of them that it refused: in the open step, and in the steps before it.
import type { CandidatesProposed, Refused } from "./events";

export interface Drawn {
  /** the refused ones included */
  readonly count: number;
  readonly refused: readonly Refused[];
}

export interface Draws {
  /** decisions made when the counts begin; 0: they are of the whole branch. What was before a snapshot is not known */
  readonly since: number;
  readonly before: Drawn;
  /** of the open step */
  readonly step: Drawn;
}

export const NONE_DRAWN: Drawn = { count: 0, refused: [] };

export function drawsSince(step: number): Draws {
  return { since: step, before: NONE_DRAWN, step: NONE_DRAWN };
}

/** The open step is over. */
export function afterStep({ since, before, step }: Draws): Draws {
  return { since, before: added(before, step), step: NONE_DRAWN };
}

export function allDrawn({ before, step }: Draws): Drawn {
  return added(before, step);
}

/** `isAgain`: they are drawn again in the same step, which counts on. Finalists are not drawn. */
export function withProposal(draws: Draws, p: CandidatesProposed, isAgain: boolean): Draws {
  if (p.phase === "answer") return afterStep(draws);
  const { since, before } = isAgain ? draws : afterStep(draws);
  return { since, before, step: { count: p.count + total(p.refused), refused: p.refused } };
}

export function total(refused: readonly Refused[]): number {
  return refused.reduce((sum, { count }) => sum + count, 0);
}

/** The most frequent reason first. */
function added(a: Drawn, b: Drawn): Drawn {
  const counts = new Map<Refused["limit"], number>();
  for (const { limit, count } of [...a.refused, ...b.refused])
    counts.set(limit, (counts.get(limit) ?? 0) + count);
  const refused = [...counts].map(([limit, count]) => ({ limit, count })).sort((x, y) => y.count - x.count);
  return { count: a.count + b.count, refused };
}
