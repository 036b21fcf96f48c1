// Every address and the page behind it. A page is fetched when it is first opened.
import { createBrowserRouter, redirect } from "react-router";
import { ErrorPage } from "./shell/ErrorPage";
import { Shell } from "./shell/Shell";
import { Loading } from "./ui/Notice";

export const router = createBrowserRouter([
  {
    path: "/",
    Component: Shell,
    ErrorBoundary: ErrorPage,
    HydrateFallback: () => <Loading>Opening the studio</Loading>,
    children: [
      { index: true, loader: () => redirect("/searches") },
      { path: "searches", lazy: () => import("./pages/searches/Searches") },
      { path: "searches/new", lazy: () => import("./pages/new/NewSearch") },
      { path: "searches/:id", lazy: () => import("./pages/search/Search") },
      { path: "datasets", lazy: () => import("./pages/datasets/Datasets") },
      { path: "datasets/:name", lazy: () => import("./pages/datasets/Dataset") },
      { path: "devices", lazy: () => import("./pages/devices/Devices") },
      { path: "catalog", lazy: () => import("./pages/catalog/Catalog") },
      { path: "catalog/models", lazy: () => import("./pages/catalog/TrainedModels") },
      { path: "architectures/:id", lazy: () => import("./pages/architecture/Architecture") },
      { path: "models/:id", lazy: () => import("./pages/model/Model") },
      { path: "*", lazy: () => import("./shell/NotFound") },
    ],
  },
]);
