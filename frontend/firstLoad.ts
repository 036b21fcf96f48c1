// What a browser fetches before it shows a page. Three things make that short on a slow line: the words of index.html
// wait for one small sheet, the server learns which files a page needs, and the build fails where these are large.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import type { Plugin, Rolldown } from "vite";

/** Bytes of script on the wire for any page, with nothing cached. */
const MOST = 220_000;

/** Modules that no page may need before it shows something. */
export const LARGE = /node_modules\/(echarts|zrender)\//;

const source = (path: string) => readFileSync(join(import.meta.dirname, "src", path), "utf8");

interface Page {
  path: string;
  module: string;
}

/** The lazy pages of routes.tsx. */
export function pagesOf(routes: string): Page[] {
  const found = [...routes.matchAll(/path: "([^"]+)", lazy: (?:page\()?\(\) => import\("\.\/([^"]+)"\)/g)];
  const imports = routes.match(/\bimport\(/g)?.length ?? 0;
  if (found.length !== imports)
    throw new Error(`routes.tsx imports ${imports} pages, of which ${found.length} were understood.`);
  return found.map(([, path = "", module = ""]) => ({ path, module }));
}

/** Bytes of these texts as the server sends them. */
export const wire = (texts: readonly string[]): number =>
  texts.reduce((sum, text) => sum + gzipSync(text, { level: 9 }).length, 0);

export function requireSmall(page: string, texts: readonly string[]): void {
  const bytes = wire(texts);
  if (bytes > MOST)
    throw new Error(
      `The page ${page} needs ${bytes} bytes of script, more than ${MOST}. Load a part of it lazily (React.lazy).`,
    );
}

export function requireLazy(page: string, modules: readonly string[]): void {
  const found = modules.find((module) => LARGE.test(module));
  if (found !== undefined)
    throw new Error(`The page ${page} needs ${found} at its first load. Load it lazily (React.lazy).`);
}

type Chunk = Rolldown.OutputChunk;

/** A chunk with all that it imports statically. */
function closure(chunk: Chunk, bundle: Rolldown.OutputBundle, found = new Set<Chunk>()): Set<Chunk> {
  if (found.has(chunk)) return found;
  found.add(chunk);
  for (const name of chunk.imports) {
    const imported = bundle[name];
    if (imported?.type === "chunk") closure(imported, bundle, found);
  }
  return found;
}

export function firstLoad(): Plugin {
  return {
    name: "first-load",
    apply: "build",
    transformIndexHtml: {
      order: "post",
      handler(html) {
        // Sheets at the end of the body hold up what follows them, and not the words before. The shared styles stay in
        // the head: the words need them, and modules compose with them.
        const sheets = html.match(/\n *<link rel="stylesheet"[^>]*>/g) ?? [];
        const later = sheets.filter((tag) => !tag.includes("/styles-"));
        if (later.length === sheets.length) throw new Error("The shared styles have no sheet of their own.");
        const without = later.reduce((text, tag) => text.replace(tag, ""), html);
        return without.replace(/\n *<\/body>/, (end) => later.join("") + end);
      },
    },
    generateBundle(_, bundle) {
      const chunks = Object.values(bundle).filter((file): file is Chunk => file.type === "chunk");
      const entry = chunks.find((chunk) => chunk.isEntry);
      if (!entry) throw new Error("The build has no entry.");
      const always = closure(entry, bundle);
      const pages = pagesOf(source("routes.tsx")).map(({ path, module }) => {
        const chunk = chunks.find((each) => each.facadeModuleId?.endsWith(`/src/${module}.tsx`));
        if (!chunk) throw new Error(`The page ${module} has no chunk.`);
        const own = [...closure(chunk, bundle)].filter((each) => !always.has(each));
        const all = [...always, ...own];
        requireLazy(
          path,
          all.flatMap((each) => each.moduleIds),
        );
        requireSmall(
          path,
          all.map((each) => each.code),
        );
        const sheets = own.flatMap((each) => [...(each.viteMetadata?.importedCss ?? [])]);
        return { path, scripts: own.map((each) => each.fileName), sheets };
      });
      this.emitFile({ type: "asset", fileName: "pages.json", source: JSON.stringify(pages) });
    },
  };
}
