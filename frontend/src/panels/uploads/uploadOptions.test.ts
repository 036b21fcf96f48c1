import { expect, it } from "vitest";
import { initialDraft, isArchive, optionsOf } from "./uploadOptions";

it("recognises text files by name, and knows that an archive may hold either kind", () => {
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

it("sends only the options of the chosen kind", () => {
  const text = { ...initialDraft("novel.txt"), side: "32", tokens: "blanks", vocabulary: "7 002" };
  expect(optionsOf(text)).toEqual({ options: { tokens: "blanks", vocabulary: 7_002 }, errors: {} });
  expect(optionsOf({ ...text, holds: "images" })).toEqual({ options: { side: 32 }, errors: {} });
  expect(optionsOf(initialDraft("novel.txt"))).toEqual({ options: {}, errors: {} });
});

it("names the field that is not a number", () => {
  expect(optionsOf({ ...initialDraft("a.zip"), side: "big" }).errors.side).toMatch(/pixels/);
  expect(optionsOf({ ...initialDraft("a.txt"), vocabulary: "all" }).errors.vocabulary).toMatch(/words/);
});
