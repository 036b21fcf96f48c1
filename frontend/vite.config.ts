// One build: hashed files under webapp/static/app, served by the web process. In development the pages
// come from Vite and everything else from a web process on port 8000.
import { readFileSync } from "node:fs";
import react from "@vitejs/plugin-react";
import type { Plugin } from "vite";
import { defineConfig } from "vitest/config";
import { firstLoad, LARGE } from "./firstLoad.ts";

const server = "http://127.0.0.1:8000";

/** Copies the tokens to a fixed name, which the sign-in page links (webapp/templates/base.html). */
const tokens: Plugin = {
  name: "tokens",
  apply: "build",
  generateBundle() {
    const source = readFileSync(new URL("src/styles/tokens.css", import.meta.url));
    this.emitFile({ type: "asset", fileName: "tokens.css", source });
  },
};

export default defineConfig(({ command }) => ({
  base: command === "build" ? "/static/app/" : "/",
  plugins: [react(), tokens, firstLoad()],
  build: {
    outDir: "../webapp/static/app",
    emptyOutDir: true,
    // light-dark() needs these; older browsers would get both palettes spelled out.
    target: ["chrome123", "firefox120", "safari17.5"],
    modulePreload: { polyfill: false },
    // Few files: on a slow line each costs a round trip, and browsers fetch six at a time.
    rolldownOptions: {
      output: {
        codeSplitting: {
          groups: [
            // Only charts of many marks need it, and they load it lazily.
            { name: "echarts", test: LARGE, priority: 3 },
            { name: "vendor", test: /node_modules/, priority: 2 },
            { name: "styles", test: /src\/styles\//, priority: 1 },
            { name: "shared", test: /frontend\/src/, minShareCount: 2 },
          ],
        },
      },
    },
  },
  server: {
    proxy: {
      "/api": server,
      "/accounts": server,
      "/guides": server,
      "/static": server,
      "/ws": { target: server, ws: true },
    },
  },
  test: {
    environment: "happy-dom",
    testTimeout: 20_000, // of tests that find many elements by their roles, on a busy machine
    setupFiles: ["src/testing/patience.ts"],
    include: ["src/**/*.test.{ts,tsx}"],
  },
}));
