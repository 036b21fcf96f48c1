// Which frames the strip of steps holds: a long search has more steps than a page should keep.

/** Frames on each side of a step that is looked at; beyond them is empty room, which is as wide. */
const NEAR = 100;
const WIDTH = 48; // of a frame in a strip that is longer than the page

export type Piece = { readonly step: number } | { readonly after: number; readonly room: number };

/** The steps near `centres`, and the room of those between them. */
export function piecesOf(first: number, last: number, centres: readonly number[]): Piece[] {
  const pieces: Piece[] = [];
  let done = first - 1;
  const skipTo = (step: number) => {
    const count = step - done - 1;
    if (count > 0) pieces.push({ after: done, room: count * WIDTH });
  };
  for (const centre of [...centres].sort((a, b) => a - b)) {
    const from = Math.max(first, done + 1, centre - NEAR);
    const to = Math.min(last, centre + NEAR);
    if (from > to) continue;
    skipTo(from);
    for (let step = from; step <= to; step += 1) pieces.push({ step });
    done = to;
  }
  skipTo(last + 1);
  return pieces;
}
