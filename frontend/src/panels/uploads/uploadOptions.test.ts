import { expect, it } from "vitest";
import { REQUEST_LIMITS } from "../../testing/requestLimits";
import { initialDraft, isUnclear, optionsOf } from "./uploadOptions";

const UPLOAD = REQUEST_LIMITS.upload;

it("recognises text files by name, and knows that archives and other files may hold either kind", () => {
  expect(initialDraft("novel.txt").holds).toBe("text");
  expect(initialDraft("ptb.tar.gz").holds).toBe("images");
  expect(["a.zip", "a.tar.xz", "a.csv", "a.tgz", "a.npz", "a.txt", "a.txt.gz"].map(isUnclear)).toEqual([
    true,
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
  expect(optionsOf(text, UPLOAD)).toEqual({
    options: { holds: "text", tokens: "blanks", vocabulary: 7_002 },
    errors: {},
  });
  expect(optionsOf({ ...text, holds: "images" }, UPLOAD)).toEqual({
    options: { holds: "images", side: 32 },
    errors: {},
  });
  expect(optionsOf(initialDraft("novel.txt"), UPLOAD)).toEqual({ options: { holds: "text" }, errors: {} });
});

it("names the field that is not a number", () => {
  expect(optionsOf({ ...initialDraft("a.zip"), side: "big" }, UPLOAD).errors.side).toMatch(/pixels/);
  expect(optionsOf({ ...initialDraft("a.txt"), vocabulary: "all" }, UPLOAD).errors.vocabulary).toMatch(
    /words/,
  );
});

it("holds numbers against the limits that the server names", () => {
  const side = (text: string, limits = REQUEST_LIMITS.upload) =>
    optionsOf({ ...initialDraft("a.zip"), side: text }, limits).errors.side;
  expect(side("8")).toBeUndefined();
  expect(side("224")).toBeUndefined();
  expect(side("7")).toBe("Enter a whole number of pixels from 8 to 224, or leave the field empty");
  expect(side("225")).toMatch(/from 8 to 224/);
  expect(side("225", { ...UPLOAD, max_side: 256 })).toBeUndefined();
  const vocabulary = optionsOf({ ...initialDraft("a.txt"), vocabulary: "99" }, UPLOAD).errors.vocabulary;
  expect(vocabulary).toMatch(/words from 100 to 50,000/);
});

it("leaves sizes to the server while its limits are not loaded", () => {
  expect(optionsOf({ ...initialDraft("a.zip"), side: "7" }, undefined)).toEqual({
    options: { holds: "images", side: 7 },
    errors: {},
  });
});
