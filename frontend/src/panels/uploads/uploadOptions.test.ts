import { expect, it } from "vitest";
import { initialDraft, isArchive, optionsOf } from "./uploadOptions";

it("knows a text by its name, and that an archive may hold either", () => {
  expect(initialDraft("novel.txt").holds).toBe("text");
  expect(initialDraft("ptb.tar.gz").holds).toBe("images");
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
  const text = { ...initialDraft("novel.txt"), side: "32", tokens: "blanks", vocabulary: "7 002" };
  expect(optionsOf(text)).toEqual({ options: { tokens: "blanks", vocabulary: 7_002 }, errors: {} });
  expect(optionsOf({ ...text, holds: "images" })).toEqual({ options: { side: 32 }, errors: {} });
  expect(optionsOf(initialDraft("novel.txt"))).toEqual({ options: {}, errors: {} });
});

it("names what is no number", () => {
  expect(optionsOf({ ...initialDraft("a.zip"), side: "big" }).errors.side).toMatch(/pixels/);
  expect(optionsOf({ ...initialDraft("a.txt"), vocabulary: "all" }).errors.vocabulary).toMatch(/words/);
});
