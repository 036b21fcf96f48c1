// Entry point: applies the theme, then mounts the router and the query cache.
// The shared styles come first: modules compose with them.
import "./styles/base.css";
import "./styles/controls.css";
import "./styles/plates.css";
import "./styles/opening.css";
import { QueryClientProvider } from "@tanstack/react-query";
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { RouterProvider } from "react-router/dom";
import { createQueryClient } from "./api/queryClient";
import { router } from "./routes";
import { applyTheme } from "./shell/theme";

applyTheme();
const queries = createQueryClient();
const root = document.getElementById("root");
if (!root) throw new Error("The page has no #root");
createRoot(root).render(
  <StrictMode>
    <QueryClientProvider client={queries}>
      <RouterProvider router={router} />
    </QueryClientProvider>
  </StrictMode>,
);
