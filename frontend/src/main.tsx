// Entry point: applies the theme, then mounts the router and the query cache.
// The shared styles come first: modules compose with them.
import "./styles/base.css";
import "./styles/controls.css";
import "./styles/plates.css";
import "./styles/opening.css";
import { notifyManager, QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { RouterProvider } from "react-router/dom";
import { ApiError } from "./api/client";
import { router } from "./routes";
import { applyTheme } from "./shell/theme";

applyTheme();
// Before the next event: a button that has sent something must be disabled when a second press comes.
notifyManager.setScheduler(queueMicrotask);

const queries = new QueryClient({
  defaultOptions: {
    queries: {
      staleTime: 5_000,
      // Retrying helps with lost connections, not with client errors.
      retry: (count, error) => count < 2 && !(error instanceof ApiError && error.status < 500),
    },
  },
});

const root = document.getElementById("root");
if (!root) throw new Error("The page has no #root");
createRoot(root).render(
  <StrictMode>
    <QueryClientProvider client={queries}>
      <RouterProvider router={router} />
    </QueryClientProvider>
  </StrictMode>,
);
