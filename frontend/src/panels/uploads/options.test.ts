import { expect, it } from "vitest";
import { isArchive, opening, optionsOf } from "./options";

it("knows a text by its name, and that an archive may hold either", () => {
  expect(opening("novel.txt").holds).toBe("text");
  expect(opening("ptb.tar.gz").holds).toBe("images");
  expect(["a.zip", "a.tar.xz", "a.tgz", "a.npz", "a.txt", "a.txt.gz"].map(isArchive)).toEqual([
    true,
    true,
    true,
    false,
    false,
    false,
  ]);
});

it("says only what is about what it holds", () => {
  const text = { ...opening("novel.txt"), side: "32", tokens: "blanks", vocabulary: "7 002" };
  expect(optionsOf(text)).toEqual({ options: { tokens: "blanks", vocabulary: 7_002 }, errors: {} });
  expect(optionsOf({ ...text, holds: "images" })).toEqual({ options: { side: 32 }, errors: {} });
  expect(optionsOf(opening("novel.txt"))).toEqual({ options: {}, errors: {} });
});

it("names what is no number", () => {
  expect(optionsOf({ ...opening("a.zip"), side: "big" }).errors.side).toMatch(/pixels/);
  expect(optionsOf({ ...opening("a.txt"), vocabulary: "all" }).errors.vocabulary).toMatch(/words/);
});
