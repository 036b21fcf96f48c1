// One build: hashed files under webapp/static/app, served by the web process. In development the pages
// come from Vite and everything else from a web process on port 8000.
import react from "@vitejs/plugin-react";
import { defineConfig } from "vitest/config";

const server = "http://127.0.0.1:8000";

export default defineConfig(({ command }) => ({
  base: command === "build" ? "/static/app/" : "/",
  plugins: [react()],
  build: {
    outDir: "../webapp/static/app",
    emptyOutDir: true,
    // light-dark() needs these; older browsers would get both palettes spelled out.
    target: ["chrome123", "firefox120", "safari17.5"],
    modulePreload: { polyfill: false },
  },
  server: {
    proxy: {
      "/api": server,
      "/accounts": server,
      "/static": server,
      "/ws": { target: server, ws: true },
    },
  },
  test: {
    environment: "happy-dom",
    include: ["src/**/*.test.{ts,tsx}"],
  },
}));
