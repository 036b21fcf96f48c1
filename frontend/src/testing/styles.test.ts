// Styles of one page must not reach another. Outside styles/ every CSS file is a module; a class that is written is
// defined in the file that its name says, and a class that is defined is written somewhere.
import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { describe, expect, it } from "vitest";

const SRC = join(import.meta.dirname, "..");

const files = readdirSync(SRC, { recursive: true, encoding: "utf8" }).map((path) =>
  path.replaceAll("\\", "/"),
);
const sheets = files.filter((path) => path.endsWith(".css"));
const modules = sheets.filter((path) => path.endsWith(".module.css"));
const shared = sheets.filter((path) => path.startsWith("styles/"));
const components = files.filter(
  (path) => /\.tsx?$/.test(path) && !/\.test\.tsx?$/.test(path) && !path.startsWith("testing/"),
);
const text = (path: string) => readFileSync(join(SRC, path), "utf8");

/** The classes in the selectors of a sheet. */
function definedIn(css: string): Set<string> {
  const preludes = css.replace(/\/\*.*?\*\/|"[^"]*"/gs, "").replace(/\{[^{}]*\}/g, "{}");
  const selectors = preludes.split(/[{};]/).filter((part) => !part.trim().startsWith("@"));
  return new Set(selectors.join(" ").match(/(?<=\.)[a-zA-Z][\w-]*/g));
}

interface Use {
  /** the module's path, or null for a shared class */
  sheet: string | null;
  name: string;
  at: string;
}

/** The classes that a component writes: members of imported modules, and words in className and clsx(). */
function usesIn(path: string, source: string): Use[] {
  const imported = [...source.matchAll(/import (\w+) from "(\.[^"]+\.module\.css)"/g)];
  const local = imported.flatMap(([, alias = "", from = ""]) => {
    const sheet = relative(SRC, join(SRC, dirname(path), from)).replaceAll("\\", "/");
    return [...source.matchAll(new RegExp(`(?<![\\w/.])${alias}\\.(\\w+)`, "g"))].map(([, name = ""]) => ({
      sheet,
      name,
      at: path,
    }));
  });
  const written = [
    ...source.matchAll(/className="([^"]*)"/g),
    ...[...source.matchAll(/className=\{(?:[^{}]|\{[^{}]*\})*\}|\bclsx\([^;]*?\)(?=[\s},;])/g)].flatMap(
      ([expression]) => [...expression.replace(/[=!]== "[^"]*"/g, "").matchAll(/"([^"]*)"/g)],
    ),
  ];
  const global = written.flatMap(([, words = ""]) =>
    words.split(" ").map((name) => ({ sheet: null, name, at: path })),
  );
  return [...local, ...global];
}

/** Whether elements are looked for by a class; those of modules have other names in a build. */
function selectsByClass(source: string): boolean {
  const calls = source.matchAll(/(?:querySelector(?:All)?|closest|matches)(?:<\w+>)?\(\s*(["'`])(.*?)\1/gs);
  return [...calls].some(([, , selector = ""]) =>
    /\.[a-zA-Z]/.test(selector.replace(/\$\{[^}]*\}|"[^"]*"/g, "")),
  );
}

/** What is wrong between sheets and components, one line each. */
function problems(css: ReadonlyMap<string, string>, sources: ReadonlyMap<string, string>): string[] {
  const uses = [...sources].flatMap(([path, source]) => usesIn(path, source));
  const found: string[] = [];
  const global = new Set<string>();
  for (const [sheet, content] of css) {
    const isShared = sheet.startsWith("styles/");
    const used = new Set(
      uses.filter((use) => use.sheet === (isShared ? null : sheet)).map(({ name }) => name),
    );
    const defined = definedIn(content);
    for (const name of defined) {
      if (isShared) global.add(name);
      if (!used.has(name)) found.push(`${sheet}: .${name} is used nowhere`);
    }
    if (isShared) continue;
    for (const use of uses)
      if (use.sheet === sheet && !defined.has(use.name))
        found.push(`${use.at}: ${sheet} has no .${use.name}`);
    if (/:global\b/.test(content)) found.push(`${sheet}: :global reaches other pages`);
    if (/#[a-zA-Z][\w-]*[^;{}]*\{/.test(content.replace(/\/\*.*?\*\//gs, "")))
      found.push(`${sheet}: an id is styled`);
  }
  for (const { sheet, name, at } of uses)
    if (sheet === null && !global.has(name)) found.push(`${at}: styles/ has no .${name}`);
  return found;
}

describe("styles", () => {
  it("are modules outside styles/", () => {
    expect(sheets.filter((path) => !modules.includes(path) && !shared.includes(path))).toEqual([]);
    expect(modules.length).toBeGreaterThan(20);
  });

  it("are looked up by a name that can be checked", () => {
    const indexed = components.filter((path) => {
      const aliases = [...text(path).matchAll(/import (\w+) from "[^"]+\.module\.css"/g)].map(
        ([, name]) => name,
      );
      return aliases.some((alias) => new RegExp(`\\b${alias}\\[`).test(text(path)));
    });
    expect(indexed).toEqual([]);
    const selected = files.filter((path) => /\.tsx?$/.test(path) && selectsByClass(text(path)));
    expect(selected).toEqual([]);
    const bare = components.filter((path) => /import "[^"]+\.css"/.test(text(path)));
    expect(bare).toEqual(["main.tsx"]);
  });

  it("are all used, and every class that is written exists", () => {
    const css = new Map(sheets.map((path) => [path, text(path)]));
    const sources = new Map(components.map((path) => [path, text(path)]));
    expect(problems(css, sources)).toEqual([]);
  });

  it("are found wanting by this test when they are", () => {
    const css = new Map([
      ["styles/base.css", ".btn {\n  margin: 0.5em;\n}\n.lost {\n  top: 0;\n}\n"],
      [
        "ui/box.module.css",
        ".box > .lid::before {\n  width: calc(1.5px);\n}\n@media (width < 9px) {\n  .gone {\n    top: 0;\n  }\n}\n",
      ],
    ]);
    const box =
      'import styles from "./box.module.css";\n<p className={clsx("btn", styles.box)}><i className={open ? styles.lid : "absent"} /><b className={styles.wall} /></p>';
    expect(problems(css, new Map([["ui/Box.tsx", box]]))).toEqual([
      "styles/base.css: .lost is used nowhere",
      "ui/box.module.css: .gone is used nowhere",
      "ui/Box.tsx: ui/box.module.css has no .wall",
      "ui/Box.tsx: styles/ has no .absent",
    ]);
  });
});
