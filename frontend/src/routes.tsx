// Every address and the page behind it. A page is fetched when it is first opened.
import { createBrowserRouter, createPath, redirect } from "react-router";
import { ErrorPage } from "./shell/ErrorPage";
import { loadPage } from "./shell/loadPage";
import { Shell } from "./shell/Shell";
import { Loading } from "./ui/Notice";

const page =
  <M,>(load: () => Promise<M>) =>
  () =>
    loadPage(load, destination);

/** Where the person is going, or else is. */
const destination = () => createPath(router.state.navigation.location ?? router.state.location);

export const router = createBrowserRouter([
  {
    path: "/",
    Component: Shell,
    ErrorBoundary: ErrorPage,
    children: [
      {
        // The words of index.html go on here, inside the frame.
        ErrorBoundary: ErrorPage, // the bar stays
        HydrateFallback: () => <Loading now>Opening the studio…</Loading>,
        children: [
          { index: true, loader: () => redirect("/searches") },
          { path: "searches", lazy: page(() => import("./pages/searches/Searches")) },
          { path: "searches/new", lazy: page(() => import("./pages/new/NewSearch")) },
          { path: "searches/:id", lazy: page(() => import("./pages/search/Search")) },
          { path: "datasets", lazy: page(() => import("./pages/datasets/Datasets")) },
          { path: "datasets/:name", lazy: page(() => import("./pages/datasets/Dataset")) },
          { path: "devices", lazy: page(() => import("./pages/devices/Devices")) },
          { path: "catalog", lazy: page(() => import("./pages/catalog/Catalog")) },
          { path: "catalog/compare", lazy: page(() => import("./pages/compare/Compare")) },
          { path: "catalog/proxies", lazy: page(() => import("./pages/catalog/ByProxy")) },
          { path: "catalog/models", lazy: page(() => import("./pages/catalog/TrainedModels")) },
          { path: "architectures/:id", lazy: page(() => import("./pages/architecture/Architecture")) },
          { path: "models/:id", lazy: page(() => import("./pages/model/Model")) },
          { path: "*", lazy: page(() => import("./shell/NotFound")) },
        ],
      },
    ],
  },
]);
