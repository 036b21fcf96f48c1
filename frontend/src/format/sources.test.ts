// Reads the sources: numbers and dates are written by this room alone, so that they read the same on every page.
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";

const SRC = join(import.meta.dirname, "..");
const RULES: readonly (readonly [what: string, found: RegExp])[] = [
  ["a number made into text by hand", /\.to(Fixed|Precision|Exponential)\(/],
  ["a locale of the browser", /\.toLocale(Date|Time)?String\(|\bIntl\./],
  ["digits grouped by hand", /\\B\(\?=/],
  ["a percent sign set by hand", /\}\s?%|\d\s%/],
  ["a byte unit of another family", /\b[kKMG]B\b/],
];

const sources = readdirSync(SRC, { recursive: true, encoding: "utf8" })
  .map((path) => path.replaceAll("\\", "/"))
  .filter((path) => /\.tsx?$/.test(path) && !/\.(d|test)\.tsx?$/.test(path))
  .filter((path) => !path.startsWith("format/") && !path.startsWith("testing/"));

/** Without the widths and positions of styles, which are no text. */
function proseOf(path: string): string {
  return readFileSync(join(SRC, path), "utf8").replace(/`[^`]*\$\{[^`]*\}%`/g, (style) =>
    /^`\$\{[^`]*\}%`$/.test(style) ? "" : style,
  );
}

it.each(RULES)("no other module has %s", (_, found) => {
  expect(sources.length).toBeGreaterThan(100);
  const offenders = sources.filter((path) => found.test(proseOf(path)));
  expect(offenders).toEqual([]);
});
