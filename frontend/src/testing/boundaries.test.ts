// A module's path says what it may import. Type-only and lazy imports count like any other.
import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { describe, expect, it } from "vitest";

const SRC = join(import.meta.dirname, "..");

/** From the bottom to the top: a room may import itself and the rooms above it in this list. */
const LAYERS: readonly string[] = [
  "format", // numbers, units and text
  "api", // the typed client and its queries
  "ui", // parts that every page uses
  "dag", // drawings of a cell
  "charts",
  "live", // the event log, its socket and its reducer
  "whatif", // edits that are priced but not made
  "search-view", // what is derived from a search's view and log
  "upload",
  "panels",
  "pages",
  "tour", // of the page of a search
  "shell", // the frame around every page
];

/** Drawings and derivations are functions of data: nothing they reach may talk to the server. */
const PURE = ["format", "dag", "charts", "search-view"];
const SERVER = ["api/client.ts", "live/socket.ts", "upload/browserTransport.ts", "upload/sender.ts"];

/** Panels of a search that others of its panels may import. */
const SHARED_PANELS = ["panels/selection", "panels/steering"];

const ROOT_MODULES = ["main.tsx", "routes.tsx"];

const sources = readdirSync(SRC, { recursive: true, encoding: "utf8" })
  .filter((path) => /\.tsx?$/.test(path) && !path.endsWith(".d.ts"))
  .map((path) => path.replaceAll("\\", "/"));
const isTest = (path: string) => /\.test\.tsx?$/.test(path) || path.startsWith("testing/");
const modules = new Map(sources.filter((path) => !isTest(path)).map((path) => [path, importsOf(path)]));

function importsOf(path: string): string[] {
  const text = readFileSync(join(SRC, path), "utf8");
  const specifiers = text.matchAll(/(?:\bfrom\s+|\bimport\s+|\bimport\(\s*)"(\.[^"]+)"/g);
  return [...specifiers].map(([, specifier = ""]) => resolved(path, specifier));
}

function resolved(from: string, specifier: string): string {
  const target = join(SRC, dirname(from), specifier);
  const found = ["", ".ts", ".tsx", ".d.ts"]
    .map((extension) => target + extension)
    .find((file) => existsSync(file) && statSync(file).isFile());
  if (!found) throw new Error(`${from} imports ${specifier}, which is not there`);
  return relative(SRC, found).replaceAll("\\", "/");
}

/** Imports that break a rule, as "from -> to". */
function offenders(breaks: (from: string, to: string) => boolean): string[] {
  return [...modules].flatMap(([from, imports]) =>
    imports.filter((to) => breaks(from, to)).map((to) => `${from} -> ${to}`),
  );
}

const room = (path: string) => path.split("/")[0] ?? "";
/** "panels/cell", "pages/search" */
const folder = (path: string) => path.split("/").slice(0, 2).join("/");
const level = (path: string) => LAYERS.indexOf(room(path));

function reachable(from: string, seen = new Set<string>()): Set<string> {
  for (const to of modules.get(from) ?? []) {
    if (seen.has(to)) continue;
    seen.add(to);
    reachable(to, seen);
  }
  return seen;
}

/** The first import cycle that is found, as a path that ends where it begins. */
function cycle(): string[] {
  const done = new Set<string>();
  const visit = (path: string, trail: readonly string[]): string[] => {
    if (trail.includes(path)) return [...trail.slice(trail.indexOf(path)), path];
    if (done.has(path)) return [];
    for (const to of modules.get(path) ?? []) {
      const found = visit(to, [...trail, path]);
      if (found.length > 0) return found;
    }
    done.add(path);
    return [];
  };
  for (const path of modules.keys()) {
    const found = visit(path, []);
    if (found.length > 0) return found;
  }
  return [];
}

describe("imports", () => {
  it("are read from all sources", () => {
    expect(modules.size).toBeGreaterThan(100);
    expect(modules.get("routes.tsx")).toContain("pages/search/Search.tsx");
    expect(modules.get("search-view/moment.ts")).toContain("live/events.ts");
    expect(SERVER.filter((path) => !modules.has(path))).toEqual([]);
  });

  it("start in a room that the list of layers names", () => {
    const strangers = [...modules.keys()].filter((path) => level(path) < 0 && !ROOT_MODULES.includes(path));
    expect(strangers.filter((path) => room(path) !== "styles")).toEqual([]);
  });

  it("never go from a lower layer to a higher one", () => {
    expect(offenders((from, to) => level(from) >= 0 && level(to) > level(from))).toEqual([]);
  });

  it("reach pages from the routes alone", () => {
    const foreign = (from: string, to: string) => room(to) === "pages" && folder(to) !== folder(from);
    expect(offenders((from, to) => foreign(from, to) && from !== "routes.tsx")).toEqual([]);
  });

  it("do not go from one panel to another, except to what all panels share", () => {
    const other = (from: string, to: string) =>
      room(from) === "panels" && room(to) === "panels" && folder(to) !== folder(from);
    expect(offenders((from, to) => other(from, to) && !SHARED_PANELS.includes(folder(to)))).toEqual([]);
  });

  it("leave test helpers to tests", () => {
    expect(offenders((_, to) => isTest(to))).toEqual([]);
  });

  it("form no cycle", () => {
    expect(cycle()).toEqual([]);
  });
});

describe("drawings, charts and derivations", () => {
  const pure = [...modules.keys()].filter((path) => PURE.includes(room(path)));

  it("reach no code that talks to the server", () => {
    const talking = pure.filter((path) => SERVER.some((module) => reachable(path).has(module)));
    expect(talking).toEqual([]);
  });

  it("ask the browser for nothing themselves", () => {
    const asking = pure.filter((path) =>
      /\bfetch\(|new WebSocket|XMLHttpRequest|react-query/.test(readFileSync(join(SRC, path), "utf8")),
    );
    expect(asking).toEqual([]);
  });

  it("are plain functions in search-view: no React", () => {
    const reacting = pure.filter(
      (path) =>
        room(path) === "search-view" &&
        (path.endsWith(".tsx") || /from "react/.test(readFileSync(join(SRC, path), "utf8"))),
    );
    expect(reacting).toEqual([]);
  });
});
