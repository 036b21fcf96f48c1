// Names that were replaced by the field's words are declared and imported no more (docs/decisions/0010-plain-names.md).
// Checked on the syntax tree, not on text: `here` and `way` are English words, and may stand in a sentence.
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import ts from "typescript";
import { describe, expect, it } from "vitest";

const SRC = join(import.meta.dirname, "..");

/** Never the name of anything; tests/test_names.py has the list for Python. */
const RETIRED: ReadonlySet<string> = new Set([
  "Asker",
  "BadShape",
  "FAR",
  "GONE",
  "Nothing",
  "Nowhere",
  "Octets",
  "Patient",
  "Place",
  "TURNS",
  "Timing",
  "Told",
  "ask",
  "attend",
  "beside",
  "brought",
  "fitness",
  "heard",
  "heavier",
  "here",
  "hopeless",
  "introduce",
  "inPlace",
  "learnt",
  "leashed",
  "letsGo",
  "lives",
  "living",
  "luck",
  "luckOf",
  "obey",
  "objection",
  "persist",
  "plain",
  "portion",
  "refusal",
  "said",
  "say",
  "standing",
  "stillThere",
  "strain",
  "takeOver",
  "theSearch",
  "there",
  "told",
  "way",
  "weighs",
  "workKey",
]);

/** What is written by hand: api/schema.d.ts is generated. */
const sources = readdirSync(SRC, { recursive: true, encoding: "utf8" })
  .filter((path) => /\.tsx?$/.test(path) && !path.endsWith(".d.ts"))
  .map((path) => path.replaceAll("\\", "/"));

/** Syntax whose name uses what is declared elsewhere. */
const isUse = (node: ts.Node) => ts.isPropertyAccessExpression(node) || ts.isMetaProperty(node);

function nameOf(node: ts.Node): string | null {
  if (isUse(node) || !("name" in node)) return null;
  const name = node.name as ts.Node | undefined;
  if (!name || !(ts.isIdentifier(name) || ts.isPrivateIdentifier(name) || ts.isStringLiteral(name)))
    return null;
  return name.text.replace(/^#/, "");
}

/** What a file declares or imports: variables, functions, types, parameters, properties, attributes. */
function declaredNames(path: string, text: string): string[] {
  const kind = path.endsWith(".tsx") ? ts.ScriptKind.TSX : ts.ScriptKind.TS;
  const found: string[] = [];
  const visit = (node: ts.Node) => {
    const name = nameOf(node);
    if (name !== null) found.push(name);
    if (ts.isImportSpecifier(node) && node.propertyName) found.push(node.propertyName.text);
    ts.forEachChild(node, visit);
  };
  visit(ts.createSourceFile(path, text, ts.ScriptTarget.Latest, false, kind));
  return found;
}

const retiredIn = (path: string, text: string) =>
  declaredNames(path, text)
    .filter((name) => RETIRED.has(name))
    .map((name) => `${path}: ${name}`);

describe("retired names", () => {
  it("are declared and imported in no source", () => {
    expect(sources.length).toBeGreaterThan(200);
    expect(sources.flatMap((path) => retiredIn(path, readFileSync(join(SRC, path), "utf8")))).toEqual([]);
  }, 60_000);

  it.each([
    "const luck = 1;",
    "const { kind: luck } = event;",
    "function luck() {}",
    "const f = (luck: number) => luck;",
    "class Luck { #luck = 1; }",
    "interface Draw { luck: number }",
    'interface Draw { "luck": number }',
    "const draw = { luck: 1 };",
    'import luck from "./rng";',
    'import * as luck from "./rng";',
    'import { luck as rng } from "./rng";',
    'import { rng as luck } from "./rng";',
    "const part = <Draw luck={1} />;",
  ])("are found in %s", (text) => {
    expect(retiredIn("rng.tsx", text)).not.toEqual([]);
  });

  it.each(["// the luck of a draw", 'const text = "luck";', "draw.luck();"])(
    "are not found in %s",
    (text) => {
      expect(retiredIn("rng.tsx", text)).toEqual([]);
    },
  );
});
