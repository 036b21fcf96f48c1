// The error page of the router: the message and a button to reload. Where a part of the page could not be loaded, it waits
// for the connection and reloads the page.
import { useEffect, useState } from "react";
import { createPath, useLocation, useRouteError } from "react-router";
import { isConnectionLost } from "../api/client";
import { Failed, Loading } from "../ui/Notice";
import { loadPage } from "./loadPage";

export function ErrorPage() {
  const error = useRouteError();
  const address = createPath(useLocation());
  const [waiting, setWaiting] = useState(isConnectionLost(error));
  useEffect(() => {
    if (!waiting) return;
    loadPage(
      () => Promise.reject(error),
      () => address,
    ).catch(() => setWaiting(false));
  }, [waiting, error, address]);

  if (waiting) return <Loading now>No connection. Trying again…</Loading>;
  return <Failed what="This page" error={error} retry={() => location.reload()} />;
}
