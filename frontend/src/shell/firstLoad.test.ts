// The build refuses a page that needs too much script, and routes that it does not understand.
import { randomBytes } from "node:crypto";
import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { pagesOf, requireLazy, requireSmall } from "../../firstLoad";

/** A text that gzip cannot make much smaller than this many bytes. */
const noise = (bytes: number) => randomBytes(bytes).toString("latin1");

describe("the build", () => {
  it("finds every page of routes.tsx", () => {
    const pages = pagesOf(readFileSync(`${import.meta.dirname}/../routes.tsx`, "utf8"));
    expect(pages).toContainEqual({ path: "searches/:id", module: "pages/search/Search" });
    expect(pages.length).toBeGreaterThan(9);
  });

  it("refuses routes that it does not understand, whose pages would not be counted", () => {
    const routes =
      '{ path: "a", lazy: page(() => import("./pages/A")) },\nconst other = () => import("./pages/B");';
    expect(() => pagesOf(routes)).toThrow("imports 2 pages, of which 1 were understood");
  });

  it("refuses ECharts at the first load of a page", () => {
    requireLazy("searches", ["/frontend/src/charts/ManyMarks.tsx", "/node_modules/react/index.js"]);
    expect(() => requireLazy("searches", ["/frontend/node_modules/zrender/lib/zrender.js"])).toThrow(
      "The page searches needs /frontend/node_modules/zrender/lib/zrender.js at its first load",
    );
  });

  it("refuses more than 220 kB of compressed script for a page, and counts what gzip leaves", () => {
    requireSmall("searches", ["x".repeat(5_000_000)]);
    expect(() => requireSmall("searches", [noise(100_000), noise(130_000)])).toThrow(
      /The page searches needs \d{6} bytes of script, more than 220000/,
    );
  });
});
