// The frames of a strip of steps.
import { expect, it } from "vitest";
import { piecesOf } from "./strip";

const steps = (pieces: ReturnType<typeof piecesOf>) =>
  pieces.flatMap((piece) => ("step" in piece ? [piece.step] : []));

it("a short search has a frame for each step, in order and once", () => {
  expect(steps(piecesOf(3, 9, [5, 9]))).toEqual([3, 4, 5, 6, 7, 8, 9]);
  expect(piecesOf(3, 9, [5, 9])).toHaveLength(7);
});

it("a search of any length has few frames, and the room of the others", () => {
  const pieces = piecesOf(0, 99_999, [5, 50_000]);
  expect(steps(pieces)).toHaveLength(106 + 201);
  expect([steps(pieces)[0], steps(pieces).at(-1)]).toEqual([0, 50_100]);
  const room = pieces.reduce((sum, piece) => sum + ("room" in piece ? piece.room : 48), 0);
  expect(room).toBe(100_000 * 48);
});
